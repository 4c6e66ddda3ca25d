/** What the service runs on; the SDK is content with less. */
const OLDEST = 24

if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  const sdk = 'the SDK, discovery-metrics/agent, runs on Node 20 too'
  console.error(`discovery-metrics needs Node ${OLDEST} or later, this is ${process.version} (${sdk})`)
  process.exit(2)
}
