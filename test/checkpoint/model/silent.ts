import type { Telemetry } from '../../../src/aggregator/telemetry.ts'

const nothing = () => {}

export const silent: Telemetry = {
  batchFolded: nothing, rejected: nothing, lettersStored: nothing, lettersDropped: nothing, schemaNotAsked: nothing, lost: nothing, lag: nothing, disowned: nothing, owned: nothing, rebalanced: nothing,
  crashed: nothing, takenOver: nothing, checkpointed: nothing, checkpointFailed: nothing, superseded: nothing, digestMismatch: nothing,
  inputMismatch: nothing, unreadable: nothing,
}
