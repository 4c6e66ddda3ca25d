import { duration, oneOf, text, wholeNumber, type OptionSpecs, type OptionValues } from '../config.ts'
import { rejectReasons } from '../contract/bounds.ts'
import type { DeadLetter } from '../contract/dead-letters.ts'
import type { inputTopics } from '../contract/topics.ts'

/** Which letters are meant: those that all the options hold for that are given. */
export const filterOptions = {
  reason: { help: 'Only of this reason', placeholder: '<reason>', fallback: '', parse: oneOf('', ...rejectReasons) },
  topic: {
    help: 'Only of this input: registrations, lookups, agents, or a topic’s whole name', placeholder: '<input>', fallback: '', parse: text,
  },
  partition: { help: 'Only of this input partition', placeholder: '<number>', fallback: '', parse: optionalNumber },
  offset: { help: 'Only of this input offset', placeholder: '<number>', fallback: '', parse: optionalNumber },
  since: { help: 'Only of records appended since: a time, or how long ago', placeholder: '<time|duration>', fallback: '', parse: moment },
  until: { help: 'Only of records appended before: a time, or how long ago', placeholder: '<time|duration>', fallback: '', parse: moment },
} satisfies OptionSpecs

/** Whether a letter is meant. `now`: milliseconds since the epoch. */
export function letterFilter(
  options: OptionValues<typeof filterOptions>, inputs: ReturnType<typeof inputTopics>, now: number,
): (letter: DeadLetter) => boolean {
  const { reason, topic, partition, offset, since, until } = options
  const topicName = inputs.find(({ shard }) => shard === topic)?.topic ?? topic
  const [from, to] = [since?.(now) ?? -Infinity, until?.(now) ?? Infinity]
  return letter =>
    (reason === '' || letter.reason === reason) && (topicName === '' || letter.topic === topicName)
    && (partition === null || letter.partition === partition) && (offset === null || letter.offset === offset)
    && letter.timestamp >= from && letter.timestamp < to
}

function optionalNumber(value: string): number | null {
  return value === '' ? null : wholeNumber(0, Number.MAX_SAFE_INTEGER)(value)
}

/** `2h`: so long before now; or a time as ISO 8601 has it. */
function moment(value: string): ((now: number) => number) | null {
  if (value === '') return null
  if (/^\d{4}-\d\d-\d\d/.test(value)) {
    const time = Date.parse(value)
    if (Number.isNaN(time)) throw new Error("must be a time such as '2026-01-31T12:00:00Z', or a duration such as '2h'")
    return () => time
  }
  const ago = duration(value)
  return now => now - ago
}
