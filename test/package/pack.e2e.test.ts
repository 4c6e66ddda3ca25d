import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { version } from '../../src/version.ts'
import { nodesHere, run, type Node } from './node.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const OLDEST_FOR_SDK = 20
/** What of the page is no script. */
const pageFiles = ['dist/page/icon.svg', 'dist/page/page.css']
const OLDEST_FOR_SERVICE = 24

const script = `
import { createDiscoveryAgent } from 'discovery-metrics/agent'
const sent = []
const producer = { connect: async () => {}, disconnect: async () => {}, sendBatch: async batch => { sent.push(batch) } }
const agent = createDiscoveryAgent({ kafka: { producer: () => producer }, service: 'cart' })
agent.recordLookup({ service: 'catalog', outcome: 'SUCCESS' })
await agent.flush()
await agent.close()
console.log(sent[0].topicMessages[0].topic, agent.report().sent)
`

const typedScript = `
import { Resolver } from 'node:dns/promises'
import { Kafka } from 'kafkajs'
import { createDiscoveryAgent, type DiscoveryAgent } from 'discovery-metrics/agent'

const agent: DiscoveryAgent = createDiscoveryAgent({ kafka: new Kafka({ brokers: ['127.0.0.1:9092'] }), service: 'cart' })
const resolver: Resolver = agent.instrumentResolver(new Resolver())
agent.recordLookup({ service: 'catalog', outcome: 'SUCCESS' })
// @ts-expect-error: no outcome of the contract
agent.recordLookup({ service: 'catalog', outcome: 'PERHAPS' })
// @ts-expect-error: without a service
createDiscoveryAgent({ kafka: new Kafka({ brokers: [] }) })
export const all: unknown[] = [resolver, agent.report().recorded.toFixed()]
`

const tsconfig = {
  compilerOptions: {
    module: 'nodenext', moduleResolution: 'nodenext', target: 'es2022', strict: true, exactOptionalPropertyTypes: true, noEmit: true,
    types: ['node'], typeRoots: [join(root, 'node_modules/@types')],
  },
  files: ['consumer.ts'],
}

describe('the package, packed and installed elsewhere', () => {
  let folder = ''
  let nodes: Node[] = []
  const executable = (): string => join(folder, 'node_modules/.bin/discovery-metrics')

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'discovery-metrics-package-'))
    await run('npm', ['pack', '--silent', '--pack-destination', folder], root)
    const [tarball = ''] = await readdir(folder)
    const manifest = { private: true, type: 'module' }
    const files = {
      'package.json': JSON.stringify(manifest),
      'tsconfig.json': JSON.stringify(tsconfig),
      'consumer.js': script,
      'consumer.ts': typedScript,
    }
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)))
    await run('npm', ['install', `./${tarball}`, '--prefer-offline', '--no-audit', '--no-fund'], folder)
    nodes = await nodesHere()
  })

  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('holds built JavaScript with its declarations and the schemas, and nothing else', async () => {
    const installed = join(folder, 'node_modules/discovery-metrics')
    const files = (await readdir(installed, { recursive: true, withFileTypes: true }))
      .filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name).slice(installed.length + 1))
    const built = files.filter(file => /^dist\/.*\.(js|js\.map|d\.ts)$/.test(file))
    expect(built).toEqual(expect.arrayContaining(['dist/main.js', 'dist/sdk.js', 'dist/sdk.d.ts']))
    const shipped = (await readdir(join(root, 'schemas'), { recursive: true })).filter(file => file.endsWith('.avsc')).map(file => `schemas/${file}`)
    const others = files.filter(file => !built.includes(file))
    expect(others.toSorted()).toEqual([...pageFiles, 'LICENSE', 'README.md', 'package.json', ...shipped].toSorted())
    const folders = built.map(file => file.split('/').at(1))
    expect(folders.filter(name => ['test', 'demo', 'broker', 'bench'].includes(name ?? ''))).toEqual([])
  })

  it("publishes events through the SDK, on this machine's oldest Node too", async () => {
    for (const { path } of nodes.filter(({ major }) => major >= OLDEST_FOR_SDK)) {
      expect(await run(path, ['consumer.js'], folder)).toBe('discovery.lookups.v1 1')
    }
  })

  it('has declarations that a strict program compiles against, itself and them', async () => {
    expect(await run(join(root, 'node_modules/.bin/tsc'), ['--project', folder])).toBe('')
  })

  it('has the page of the map, its scripts and the libraries that it draws with', async () => {
    const assets = join(folder, 'node_modules/discovery-metrics/dist/http/page/assets.js')
    const names = await run(process.execPath, ['-e', `import(${JSON.stringify(assets)}).then(({ readAssets }) => console.log([...readAssets().files.keys()].join()))`], folder)
    expect(names.split(',')).toEqual(expect.arrayContaining(['cytoscape.js', 'dagre.js', 'icon.svg', 'main.js', 'map-page.js', 'page.css']))
  })

  it('has an executable', async () => {
    expect(await run(process.execPath, [executable(), '--version'], folder)).toBe(version)
    expect(await run(process.execPath, [executable(), '--help'], folder)).toMatch(/serve[^]*topics/)
  })

  it('says which Node the service needs where it is run by an older one', async () => {
    for (const { path } of nodes.filter(({ major }) => major < OLDEST_FOR_SERVICE)) {
      const running = run(path, [executable(), 'serve'], folder)
      await expect(running).rejects.toThrow(/Node(\.js)? 24/)
      await expect(running).rejects.not.toThrow(/SyntaxError/)
    }
  })
})
