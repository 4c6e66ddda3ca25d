import { chooseWay } from '../broker/find.ts'
import { runCommand } from '../broker/run.ts'
import { containerTests, whyNoContainers } from './support/containers.ts'
import { ending } from './support/ending.ts'
import { chosenProjects } from './support/projects.ts'
import { ensureTools, toolsOf } from './support/toolchain.ts'
import { runVitest } from './support/vitest-run.ts'

// `npm test`: gets what the tests need, runs them, and ends with the code of vitest. Arguments go to vitest: `npm test -- --project pure`.
// Progress goes to standard error; the last lines say what was left out and how many passed and failed.

const args = process.argv.slice(2)
try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function main(): Promise<number> {
  const projects = chosenProjects(args)
  await ensureTools(toolsOf(projects), { onProgress: say })
  if (projects.has('int') || projects.has('e2e')) await settleBroker()
  const leftOut = projects.has('e2e') ? await whyNoContainers({ run: runCommand, onProgress: say }) : undefined
  if (leftOut !== undefined) say(`the container tests will be left out: ${leftOut}`)
  const result = await runVitest([...args, ...(leftOut === undefined ? [] : ['--exclude', containerTests])])
  const { lines, code } = ending(result, { leftOut, required: process.env['REQUIRE_CONTAINERS'] === '1' })
  console.log(lines.join('\n'))
  return code
}

/** Says which broker the tests will use, and keeps vitest to it. */
async function settleBroker(): Promise<void> {
  const way = await chooseWay({ onProgress: say })
  say(`broker: ${way.kind} (${way.detail})`)
  process.env['BROKER'] = way.kind
}

function say(text: string): void {
  console.error(text)
}
