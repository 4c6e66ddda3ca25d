/** What a topic is to us. */
export type TopicRole = 'input' | 'checkpoints' | 'deadLetters'

/** A topic as the cluster has it. */
export interface TopicFacts {
  topic: string
  role: TopicRole
  partitions: number
  /** Replicas of the partition that has the fewest. */
  replicas: number
  /** Settings by Kafka's names, with what the brokers' defaults make of those never set; null where we are not allowed to read them. */
  settings: ReadonlyMap<string, string> | null
  /** Nothing was ever written to it; asked only where the partition counts disagree, else false. */
  empty: boolean
}

export const severities = [
  /** Counts can be wrong, or the service cannot run. */
  'rule',
  /** Kafka does not tell, so nobody knows. */
  'unchecked',
  /** Not what we would create, but nothing becomes wrong. */
  'recommendation',
] as const
export type Severity = (typeof severities)[number]

/** One way in which a topic is not what the contract asks for. */
export interface TopicDifference {
  topic: string
  /** `partitions`, `replication factor`, `settings`, or a setting by Kafka's name. */
  what: string
  is: string
  /** For people: `LogAppendTime`, `120000 or more`. */
  wanted: string
  /** What it is good for, in one short sentence. */
  why: string
  /** What to do about it, one step a line; `--bootstrap-server …` stands for the brokers. */
  mend: string
  severity: Severity
  /** The setting's value that mends it, where it is a setting. */
  set?: string
}

/** The command that gives a topic settings, as `name=value`. */
export function alterCommand(topic: string, settings: readonly string[]): string {
  return `kafka-configs --bootstrap-server … --alter --topic ${topic} --add-config ${settings.join(',')}`
}

/** In one line, for a log. */
export function describeDifference({ topic, what, is, wanted, why, mend }: TopicDifference): string {
  return `${topic}: ${what} is ${is}, should be ${wanted} (${why}); to mend it: ${mend.replaceAll(':\n', ': ').replaceAll('\n', '; ')}`
}
