import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { removeContainer } from './docker-engine.ts'
import { runCommand } from './run.ts'

// The other end of guard.ts: lines `guard WARD`, `forget WARD` and `release`. When its input ends, which is at its parent's death at the
// latest, it ends the wards that are left.

const wards = new Set<string>()

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, ward] = cut(line)
  if (verb === 'guard') wards.add(ward)
  if (verb === 'forget') wards.delete(ward)
  if (verb === 'release') wards.clear()
}

// Processes first: a folder that one writes into cannot be removed for good.
const order = ['pid', 'container', 'folder']
for (const [kind, name] of [...wards].map(cut).toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b))) await end(kind, name)

async function end(kind: string, name: string): Promise<void> {
  if (kind === 'pid') kill(Number(name))
  if (kind === 'container') await removeContainer(name, runCommand)
  if (kind === 'folder') await rm(name, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It was dead already.
  }
}

function cut(text: string): [string, string] {
  const space = text.indexOf(' ')
  return space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space + 1)]
}
