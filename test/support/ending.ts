import type { VitestResult } from './vitest-run.ts'

export interface ContainerTests {
  /** Why the container tests did not run; undefined where they did or were not asked for. */
  readonly leftOut: string | undefined
  /** Whether that is a failure. */
  readonly required: boolean
}

/** The last lines of a test run, and its exit code. */
export function ending(result: VitestResult, { leftOut, required }: ContainerTests): { lines: string[]; code: number } {
  const { code, passed, failed } = result
  const lines: string[] = []
  if (code !== 0 && failed === 0) lines.push(`vitest failed outside of any test, with code ${code}: see above`)
  if (leftOut !== undefined) lines.push(`the container tests (*.container.e2e.test.ts) were left out: ${leftOut}`)
  const forbidden = leftOut !== undefined && required
  if (forbidden) lines.push('REQUIRE_CONTAINERS=1 makes that a failure')
  return { lines: [...lines, `${passed} passed, ${failed} failed`], code: forbidden && code === 0 ? 1 : code }
}
