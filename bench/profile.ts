import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A V8 CPU profile (Chrome DevTools Protocol, `Profiler.Profile`), as `--cpu-prof` writes it. */
interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[]
  samples: number[]
  timeDeltas: number[]
}

/** A function as it was called from those above it. Microseconds. */
export interface Frame {
  name: string
  url: string
  own: number
  total: number
  children: Frame[]
}

/** The profile of the process that was busy longest, of those in a folder. */
export function busiestProfile(folder: string): Frame {
  const frames = readdirSync(folder).filter(file => file.endsWith('.cpuprofile'))
    .map(file => busy(frameOf(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile)))
  const [busiest] = frames.toSorted((a, b) => b.total - a.total)
  if (busiest === undefined) throw new Error(`no .cpuprofile in ${folder}: run a benchmark with BENCH_PROFILE=${folder} first`)
  return busiest
}

function frameOf({ nodes, samples, timeDeltas }: Profile): Frame {
  const own = new Map<number, number>()
  for (const [index, id] of samples.entries()) own.set(id, (own.get(id) ?? 0) + Math.max(0, timeDeltas[index] ?? 0))
  const byId = new Map(nodes.map(node => [node.id, node]))
  const build = (id: number): Frame => {
    const node = byId.get(id)
    const children = (node?.children ?? []).map(build)
    const time = own.get(id) ?? 0
    const total = children.reduce((sum, child) => sum + child.total, time)
    return { name: node?.callFrame.functionName || '(anonymous)', url: node?.callFrame.url ?? '', own: time, total, children }
  }
  return build(nodes[0]?.id ?? 0)
}

/** Without the time in which it did nothing. */
function busy(root: Frame): Frame {
  const children = root.children.filter(({ name }) => name !== '(idle)')
  return { ...root, name: 'serve', children, total: children.reduce((sum, { total }) => sum + total, 0) }
}

// By the file a function is in; what a library or Node does counts for the stage that called it.
const stages: readonly (readonly [stage: string, files: RegExp])[] = [
  ['read', /src\/kafka\//],
  ['decode', /src\/contract\//],
  ['fold', /src\/core\//],
  ['checkpoint', /src\/checkpoint\/|src\/aggregator\/checkpointer/],
  ['show', /src\/prometheus\/|src\/http\/|src\/views\//],
  ['aggregate', /src\/aggregator\//],
]
export const OTHER = 'other'

/** Microseconds by stage: each function's own time goes to the stage of the nearest function of ours. */
export function costOfStages(root: Frame): Map<string, number> {
  const costs = new Map<string, number>([...stages.map(([stage]) => [stage, 0] as const), [OTHER, 0]])
  const add = (stage: string, time: number) => costs.set(stage, (costs.get(stage) ?? 0) + time)
  const walk = (frame: Frame, above: string): void => {
    const stage = frame.name === '(garbage collector)' ? 'collect garbage' : stageOf(frame.url) ?? above
    add(stage, frame.own)
    for (const child of frame.children) walk(child, stage)
  }
  walk(root, OTHER)
  return costs
}

export function stageOf(url: string): string | undefined {
  return stages.find(([, files]) => files.test(url))?.[0] ?? (url.includes('node_modules/kafkajs') ? 'read' : undefined)
}
