import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { restoreState } from '../../src/checkpoint/restore.ts'
import { Naming } from '../../src/core/naming.ts'
import { defaultPolicy, retentionOf, type Policy } from '../../src/core/policy.ts'
import { emptyState, type ShardState } from '../../src/core/state.ts'
import { happenings, START } from '../core/happenings.ts'
import { foldAll, samplesIn, type Told } from '../core/story.ts'
import { Written } from './written.ts'

const asSent: Policy = { ...defaultPolicy, rules: [] }
const merged: Policy = {
  ...defaultPolicy, rules: [{ fields: ['service', 'client'], match: 'pay|web|cart', action: 'replace', replacement: 'shop' }],
}
const coarse: Policy = { ...defaultPolicy, levels: { edge: false, version: false, service: false } }
const dropped: Policy = { ...defaultPolicy, rules: [{ fields: ['service', 'client'], match: '.*', action: 'drop' }] }
const policies = fc.constantFrom(defaultPolicy, asSent, merged, coarse, dropped)

/** A partition that replicas take over from each other, each with a policy of its own. */
class Partition {
  readonly written = new Written()
  state: ShardState = emptyState(0)
  #epoch = 0

  async moveTo(policy: Policy): Promise<void> {
    const [naming, retention] = [new Naming(policy), retentionOf(policy)]
    this.#epoch = this.written.claim()
    const restored = await restoreState(this.written.shard, {
      retention, naming, turn: () => Promise.resolve(), onDamaged: (kind, key) => { throw new Error(`${kind} ${key}`) },
    })
    if ((restored?.mismatched.length ?? 0) > 0) throw new Error('the cells are others than were written')
    this.state = restored?.state ?? emptyState(0, retention, { naming })
  }

  count(records: readonly Told[]): void {
    foldAll(records, this.state)
    this.written.append(...this.written.checkpoint(this.state, this.#epoch))
  }
}

/** What is counted over all series of a family. */
function total(folded: ShardState, family: string): number {
  return Object.values(samplesIn(folded, family)).reduce((sum, value) => sum + value, 0)
}

const families = ['lookups_total', 'lookup_errors_total', 'lookup_duration_seconds', 'registrations_total', 'registration_errors_total']

describe('a partition that replicas of different policies take over from each other', () => {
  const steps = fc.array(fc.tuple(policies, fc.array(happenings, { maxLength: 12 })), { maxLength: 8 })

  it('has the sums that one replica comes to that counts all names as they were sent', async () => {
    await fc.assert(fc.asyncProperty(steps, async story => {
      const partition = new Partition()
      const records: Told[] = []
      for (const [policy, group] of story) {
        const told = group.map((happening, index) => happening(START + (records.length + index) * 3))
        await partition.moveTo(policy)
        partition.count(told)
        records.push(...told)
      }
      const plain = foldAll(records)
      for (const family of families) expect([family, total(partition.state, family)]).toEqual([family, total(plain, family)])
    }), { numRuns: 60 })
  })
})
