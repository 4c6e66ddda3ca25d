import { createRequire } from 'node:module'
import { KafkaError } from './errors.ts'

const require = createRequire(import.meta.url)

interface RequestQueue {
  readonly pending: readonly unknown[]
  scheduleCheckPendingRequests: () => void
}

const calmed = new WeakSet<object>()

/**
 * From its first answer on, each connection of kafkajs 2.2.4 looks every millisecond whether a request waits to be sent: 1 % of a core each,
 * and Node 24 warns of timers set to a negative time. Once this was called they look only while one waits. Throws `library_changed`.
 */
export function calmRequestQueues(): void {
  const { prototype: queue } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }
  if (calmed.has(queue)) return
  const schedule = queue.scheduleCheckPendingRequests
  if (typeof schedule !== 'function') throw new KafkaError('library_changed', 'kafkajs has no queue of requests as version 2.2.4 has it: pin that version again')
  queue.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this)
  }
  calmed.add(queue)
}
