import type { CellName } from '../core/changes.ts'
import type { Partition } from './records.ts'
import type { Resumed } from './take-over.ts'
import type { Telemetry } from './telemetry.ts'

export interface Tidings {
  telemetry: Telemetry
  tell: (level: 'info' | 'warn' | 'error', message: string) => void
}

/** Tells what was not as it should be when a partition was taken over, and what to do. */
export function tellResumed(partition: Partition, { lost, mismatched, progress }: Resumed, tidings: Tidings): void {
  const { telemetry, tell } = tidings
  const name = `${partition.topic}/${partition.partition}`
  tellLost(partition, lost, tidings)
  if (progress === null && lost > 0) {
    tell('error', `${name} has been counted before, but its checkpoints are gone: it is counted anew, from its earliest record on`)
  }
  if (mismatched.length === 0) return
  telemetry.digestMismatch(partition)
  tell('error', `${name} does not have the cells that its progress was written with (${mismatched.join(', ')}), so some counts may be too ` +
    `low: ${VERIFY}`)
}

/** Tells of a cell that cannot be read, and is begun anew. */
export function tellDamaged({ topic, partition }: Partition, name: CellName, { telemetry, tell }: Tidings): void {
  telemetry.digestMismatch({ topic, partition })
  tell('error', `a checkpoint of ${topic}/${partition} is damaged (${name.kind} ${name.key}), and what it counted begins anew: ${VERIFY}`)
}

const VERIFY = '`discovery-metrics verify` says which, and with --repair mends them'

/** Tells of records that were deleted before they were read. */
export function tellLost({ topic, partition }: Partition, records: number, { telemetry, tell }: Tidings): void {
  if (records === 0) return
  telemetry.lost(topic, records)
  tell('error', `${records} records of ${topic}/${partition} were deleted by the topic's retention before they were read, and are not ` +
    'counted: give the topic a longer retention.ms, or this service more replicas')
}
