import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { figureBlocks } from './figures.ts'
import { barChart, flameGraph, percent, type Bar } from './pictures.ts'
import { busiestProfile, costOfStages } from './profile.ts'
import { rounded } from './pairs.ts'
import { scalingPlan } from './scaling-plan.ts'

const docs = new URL('../docs/', import.meta.url)

/** A line of a history file. */
export type Line = Readonly<Record<string, unknown>>

/**
 * Writes the figures of a history file (`--json`; the last line of each benchmark) into docs/performance.md and docs/scaling.md, between
 * the comments that name them, and draws the pictures. The profile is that in the folder `BENCH_PROFILE`, if it is set.
 */
export function document(history: string): void {
  if (history === '') throw new Error('document needs the file with the results: --json FILE')
  const lines = readFileSync(history, 'utf8').split('\n').filter(line => line !== '').map(line => JSON.parse(line) as Line)
  const latest = new Map(lines.map(line => [String(line['benchmark']), line]))
  fill('performance.md', figureBlocks(latest))
  fill('scaling.md', scalingPlan(latest))
  mkdirSync(new URL('performance/', docs), { recursive: true })
  const cases = latest.get('cardinality')?.['cases'] as { edges: number; cpuMicrosPerRecord: { median: number } }[] | undefined
  if (cases !== undefined) picture('cardinality', barChart(cases.map(({ edges, cpuMicrosPerRecord: { median } }) => (
    { label: `${edges.toLocaleString('en')} edges`, value: median, text: `${median} µs` }))))
  const folder = process.env['BENCH_PROFILE'] ?? ''
  if (folder !== '') drawProfile(folder)
}

function drawProfile(folder: string): void {
  const root = busiestProfile(folder)
  picture('flame', flameGraph(root))
  const bars: Bar[] = [...costOfStages(root)].map(([label, time]) => ({ label, value: rounded(time), text: percent(time / root.total) }))
  picture('stages', barChart(bars.toSorted((a, b) => b.value - a.value)))
}

function picture(name: string, svg: string): void {
  writeFileSync(new URL(`performance/${name}.svg`, docs), svg)
}

/** Replaces what stands between `<!-- figures: NAME -->` and `<!-- end -->`; what has no figures stays as it is. */
function fill(file: string, blocks: ReadonlyMap<string, string>): void {
  const url = new URL(file, docs)
  let filled = readFileSync(url, 'utf8')
  for (const [name, block] of blocks) {
    filled = filled.replace(new RegExp(`(<!-- figures: ${name} -->\\n)[^]*?(<!-- end -->)`), (_whole, open: string, end: string) => `${open}${block}\n${end}`)
  }
  writeFileSync(url, filled)
}
