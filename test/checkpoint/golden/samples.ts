import { blankCell } from '../../../src/core/blank-cells.ts'
import type { AnyCell, CellKind } from '../../../src/core/cells.ts'
import type { Histogram } from '../../../src/core/histogram.ts'
import { snapshotOf, totalsOf, type EdgeTotals } from '../../../src/core/recent.ts'
import type { CheckpointCodec, Claim, Progress } from '../../../src/checkpoint/codec.ts'

/** One golden file: a record as a release wrote it, and what it said. */
export interface Golden {
  key: string
  /** In hexadecimal. */
  value: string
  /** A cell's, progress' or a claim's fields; a map as its pairs. */
  says: unknown
}

const BUCKETS = 17
const histogram = (sum: number, ...counts: number[]): Histogram =>
  ({ sum, counts: Array.from({ length: BUCKETS }, (_, index) => counts[index] ?? 0) })
const totals = (lookups: number): EdgeTotals =>
  ({ lookups, failures: 2, cacheResults: [1, 2, 0, 0, lookups], duration: histogram(123_456_789, 3, 0, 5) })
const seen = { firstSeen: 1_700_000_000_123, lastSeen: 1_700_000_300_456 }

const cells: AnyCell[] = [
  Object.assign(blankCell('lookups', ['shop', 'cart']), {
    outcomes: [0, 12, 3, 300], cacheResults: [1, 2, 3, 4, 5], hitDuration: histogram(900, 9), otherDuration: histogram(2 ** 52, 0, 1, 128),
    instances: { sum: 70, counts: [0, 1, 2, 3, 0, 0, 0, 0, 4] }, createdAt: 1_699_000_000_001,
  }),
  Object.assign(blankCell('lookupError', ['shop', 'cart', 'NOT_FOUND', 'NX DOMAIN']), { count: 300, createdAt: 1_699_000_000_002 }),
  Object.assign(blankCell('edge', ['shop', 'web "1"', 'shop', 'cart é']), {
    totals: totals(70_000), recent: { index: 5_666_666, atStart: snapshotOf(totals(60_000)), atPreviousStart: snapshotOf(totals(50)) }, ...seen,
  }),
  Object.assign(blankCell('registrations', ['shop', 'cart']), {
    operations: [[0, 0, 0], [0, 4, 1], [0, 300, 0], [0, 1, 0], [0, 0, 0], [0, 2, 0], [0, 0, 0]], duration: histogram(44, 2),
    leaseExpirations: 3, deployments: 2, lastDeployment: 1_700_000_000_000, statuses: [0, 1, 2, 0, 0, 3, 0], createdAt: 1_699_000_000_003,
  }),
  Object.assign(blankCell('registrationError', ['shop', 'cart', 'RENEW', 'TIMEOUT', 'E1']), { count: 1, createdAt: 1_699_000_000_004 }),
  Object.assign(blankCell('instance', ['shop', 'cart', 'cart-1']), {
    live: true, status: 'PASSING', version: '1.2.3', zone: 'a', address: '10.0.0.1:80', leaseMillis: 30_000, leaseEnds: 1_700_000_030_000,
    revisions: new Map([['consul/dc1', 17], ['eureka "b"\n', 2 ** 40]]), ...seen,
  }),
  Object.assign(blankCell('version', ['shop', 'cart', '1.2.3']), { instances: 3, ...seen }),
  Object.assign(blankCell('sequences', ['17']), {
    last: new Map([['sdk/4f1c', { sequence: 900, lastSeen: 1_700_000_000_000, gone: false }], ['dns/é', { sequence: 2 ** 40, lastSeen: 0, gone: false }]]),
  }),
  Object.assign(blankCell('agent', ['sdk/4f1c']), {
    sequence: 900, lastSeen: 1_700_000_000_000, silentAt: 1_700_000_030_000, reported: true, recorded: 5_000, dropped: [1, 2, 3, 4, 5, 6],
  }),
  Object.assign(blankCell('accounts', ['sdk']), { recorded: 2 ** 50, dropped: [0, 0, 0, 7, 0, 0], active: 3, silent: 1, createdAt: 1_699_000_000_005 }),
  Object.assign(blankCell('arrivals', ['sdk']), {
    received: 5_000, repeated: 2, rejected: [0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0], delay: histogram(500_000, 0, 2),
    createdAt: 1_699_000_000_006,
  }),
  Object.assign(blankCell('cardinality', ['edge']), {
    used: 900, budget: 800, overflowed: 2 ** 40, refused: Array.from({ length: 1_024 }, (_, index) => index % 3 === 0 ? 0 : index % 23), day: 19_675,
    createdAt: 1_699_000_000_007,
  }),
]

const progress: Progress = {
  epoch: 5_000_000_000, asOf: 9, expiresAt: 0, topicId: '0123456789abcdef0123456789abcdef', streamTime: 1_700_000_000_000,
  atEnd: 1_699_999_999_000, lastOffset: 8, lastAppendTime: 1_700_000_000_000, lastHash: '0123456789abcdef',
  policy: 'fedcba9876543210', policySince: 4,
  digests: { edge: 'fedcba9876543210', lookups: '0000000000000001' },
}
const claim: Claim = { owner: 'discovery-metrics@host/7', nonce: '4f1c', claimedAt: 1_700_000_000_000, purpose: 'serve', holdMillis: 30_000 }

const kebab = (kind: string) => kind.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

/** What a golden file is made of, by the name of its schema's record: `lookup-error`. */
export function samples(codec: CheckpointCodec): Map<string, Golden> {
  const given = cells.map((cell, index): [string, Golden] => {
    Object.assign(cell, { asOf: 1_000 + index, expiresAt: cell.kind === 'agent' || cell.kind === 'sequences' ? 1_700_003_600_000 : 0 })
    return [kebab(cell.kind), { key: cell.key, value: codec.encodeCell(cell, 77).toString('hex'), says: plain(cell) }]
  })
  return new Map([
    ...given,
    ['progress', { key: '', value: codec.encodeProgress(progress).toString('hex'), says: plain(progress) }],
    ['claim', { key: '', value: codec.encodeClaim(claim).toString('hex'), says: plain(claim) }],
  ])
}

/** What today's code reads of a golden file. */
export function readGolden(codec: CheckpointCodec, record: string, { key, value }: Golden): unknown {
  const bytes = Buffer.from(value, 'hex')
  if (record === 'progress') return plain(codec.decodeProgress(bytes))
  if (record === 'claim') return plain(codec.decodeClaim(bytes))
  const kind = record.replaceAll(/-[a-z]/g, letter => letter.slice(1).toUpperCase()) as CellKind
  return plain(codec.decodeCell(kind, key, bytes))
}

function plain(said: object): unknown {
  return JSON.parse(JSON.stringify(said, (name, part: unknown) => {
    if (name === 'detached' || name === 'takenBytes') return undefined // of the holder's, and newer than the first golden files
    if (name === 'atStart' || name === 'atPreviousStart') return totalsOf(part as string)
    return part instanceof Map ? [...part] : part
  }))
}
