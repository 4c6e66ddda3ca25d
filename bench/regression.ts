import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ratios, rounded, type Spread } from './pairs.ts'
import { load } from './site.ts'
import type { Sizes } from './sizes.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** A change must be larger than this however quiet the machine is, and larger than so many times the noise. */
const LEAST_CHANGE = 0.15
const TIMES_NOISE = 3
const RUN_MS = 60_000

interface FoldLine {
  events: number
  edges: number
  foldPerSecond: Spread
}

/**
 * `fold` of the working tree against that of a git revision, each by the benchmark that comes with it, in processes of their own and in
 * turns. The noise is that of the revision against itself in the same run. Sets the exit code to 1 if the median ratio lies below all noise.
 */
export async function regressionCheck({ base, rounds }: Pick<Sizes, 'base' | 'rounds'>): Promise<object> {
  const folder = checkedOut(base)
  try {
    const tried = await foldOf(folder).catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
    if (typeof tried === 'string') return { base, verdict: `not comparable: the revision's benchmark does not run: ${tried}` }
    const runs: { a: FoldLine; b: FoldLine; c: FoldLine }[] = []
    for (let round = 0; round < rounds; round++) {
      const [before, work, after] = [await foldOf(folder), await foldOf(root), await foldOf(folder)]
      // Both ends of a round are the revision, on either side in turn, so that a drift of the machine shows as noise.
      runs.push(round % 2 === 0 ? { a: before, b: work, c: after } : { a: after, b: work, c: before })
    }
    return verdict(base, runs)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function verdict(base: string, runs: readonly { a: FoldLine; b: FoldLine; c: FoldLine }[]): object {
  const isSame = runs.every(({ a, b }) => a.events === b.events && a.edges === b.edges)
  if (!isSame) return { base, verdict: 'not comparable: the two benchmarks fold different events' }
  // The best of each process' rounds: what disturbs a run only makes it slower.
  const noise = runs.map(({ a, c }) => [c.foldPerSecond.max, a.foldPerSecond.max] as const)
  const change = ratios(runs.map(({ a, b, c }) => [b.foldPerSecond.max, (a.foldPerSecond.max + c.foldPerSecond.max) / 2]))
  const { allowed, isSlower } = judge(change.median, noise)
  if (isSlower) process.exitCode = 1
  return { base, ratio: change, noise: ratios(noise), allowed, verdict: isSlower ? 'slower' : 'not slower', load: load() }
}

/** How far the median may fall below 1, and whether it has. `noise`: pairs of rates of the same thing. */
export function judge(ratio: number, noise: readonly (readonly [number, number])[]): { allowed: number; isSlower: boolean } {
  const typical = ratios(noise.map(([x, y]) => [Math.abs(x - y), Math.min(x, y)])).median
  const allowed = rounded(Math.max(LEAST_CHANGE, TIMES_NOISE * typical))
  return { allowed, isSlower: ratio < 1 - allowed }
}

/** The revision's files, with the modules that are installed here. */
function checkedOut(revision: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-base-'))
  const archive = execFileSync('git', ['archive', '--format=tar', revision], { cwd: root, maxBuffer: 2 ** 28 })
  execFileSync('tar', ['-x', '-C', folder], { input: archive })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

async function foldOf(folder: string): Promise<FoldLine> {
  const { stdout } = await promisify(execFile)(process.execPath, ['bench/main.ts', 'fold'], { cwd: folder, timeout: RUN_MS })
  return JSON.parse(stdout) as FoldLine
}
