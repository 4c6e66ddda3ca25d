import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ShardView, ShardViewOptions } from '../../src/checkpoint/shard-view.ts'
import { defaultPolicy, type BudgetPolicy } from '../../src/core/policy.ts'
import { defaultRetention } from '../../src/core/retention.ts'
import { ByHand, happenings, type Settings } from './model/by-hand.ts'
import { Fleet, fleetHappenings } from './model/fleet.ts'
import { inputs, lookupInputs, registrationInputs, shortRetention } from './model/input.ts'
import { CellsStale, LastWins, NeverStale, NoGraves, TombstonesOnly, Unfenced } from './model/rules.ts'

const RECORDS = 150
const STEPS = 250
const FLEET_STEPS = 500
const SEED = 4
const edges = (total: number): BudgetPolicy => ({ ...defaultPolicy.budgets, edge: { total, within: Infinity } })
const few = { total: 3, within: 2 }
const uniform: Settings = { retention: shortRetention, budgets: [undefined] }
/** Of nearly everything there is one too many. */
const tight: Settings = { retention: shortRetention, budgets: [{ service: few, edge: few, version: few, error: few, instance: few, agent: few }] }
/** No edge expires, so that all of them together are what was looked up, whoever is counted as overflow. */
const mixed: Settings = { retention: { ...defaultRetention, agent: 0 }, budgets: [edges(3), edges(5), edges(8)] }

function runs(settings: Settings, input = inputs(RECORDS)) {
  return fc.asyncProperty(input, happenings(STEPS), async (records, happened) => {
    await new ByHand(records, settings).run(happened)
  })
}

describe('the checkpoints of one partition, whoever dies, sleeps and wakes', () => {
  it('always read as the fold of just the records that they say', async () => {
    expect(await faultIn(runs(uniform), 50)).toBe('none')
  }, 60_000)

  it('do so where there is no room for all, too', async () => {
    expect(await faultIn(runs(tight), 50)).toBe('none')
  }, 60_000)

  it('lose nothing where owners have different budgets', async () => {
    expect(await faultIn(runs(mixed, lookupInputs(RECORDS)), 25)).toBe('none')
  }, 60_000)
})

describe('a fleet of replicas, whoever dies, sleeps and wakes', () => {
  it('shows each shard at most once, exactly, never a counter lower than before, and all of it in the end', async () => {
    const fleets = fc.asyncProperty(inputs(RECORDS), fleetHappenings(FLEET_STEPS), async (records, happened) => {
      await new Fleet(records).run(happened)
    })
    expect(await faultIn(fleets, 25)).toBe('none')
  }, 60_000)
})

describe('a model without the rule', () => {
  const off: [name: string, without: ReturnType<typeof runs>][] = [
    ['that an earlier owner is ignored', runs({ ...mixed, makeShard: made(Unfenced) }, lookupInputs(RECORDS))],
    ['that only what is acknowledged is written', runs({ ...uniform, isCareless: true })],
    ['that readers keep the higher', runs({ ...uniform, makeShard: made(LastWins) })],
    ['that what was overwritten is written again', runs({ ...uniform, makeShard: made(NeverStale) })],
    ['that progress is written again', runs({ ...uniform, makeShard: made(CellsStale) })],
    ['that what is gone stays gone', runs({ ...uniform, makeShard: made(NoGraves) }, registrationInputs(RECORDS))],
    ['that an expired cell does not exist', runs({ ...uniform, makeShard: made(TombstonesOnly) })],
  ]

  it.each(off)('%s, counts wrong', async (_name, without) => {
    expect(await faultIn(without, 60)).toContain('Violation')
  }, 60_000)
})

/** The first fault, and the seed and path by which it is found again; its records and steps would fill pages. */
async function faultIn<T>(property: fc.IAsyncPropertyWithHooks<T>, numRuns: number): Promise<string> {
  const { failed, counterexamplePath, errorInstance } = await fc.check(property, { seed: SEED, numRuns, endOnFailure: true })
  return failed ? `seed ${SEED}, path '${counterexamplePath}': ${String(errorInstance)}` : 'none'
}

function made(Shard: new (name: string, options: ShardViewOptions) => ShardView): NonNullable<Settings['makeShard']> {
  return (name, options) => new Shard(name, options)
}
