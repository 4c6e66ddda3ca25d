import type { RequestHandler } from 'express'
import type { BudgetPolicy, Limits } from '../../core/policy.ts'
import { cardinalityOf, type BudgetName, type CardinalityQuestion } from '../../views/cardinality.ts'
import type { VisibleShard } from '../../views/shard.ts'
import * as parameters from '../openapi/parameters.ts'
import type { Query } from '../query.ts'
import { querying, type MapDeps } from './answer.ts'

export interface CardinalityDeps extends MapDeps {
  cardinality: {
    /** All shards that can be shown. */
    shards: () => readonly VisibleShard[]
    /** Of this replica's policy. */
    budgets: BudgetPolicy
  }
}

const TOP = 10

export function cardinalityHandlers({ map, cardinality }: CardinalityDeps): Readonly<Record<string, RequestHandler<Record<string, string>>>> {
  return {
    '/api/v1/cardinality': querying(parameters.cardinalityParameters, async ({ query, res }) => {
      res.json(await map.run(cardinalityOf(cardinality.shards(), { top: query.number('limit') ?? TOP, ...triedIn(query, cardinality.budgets) })))
    }),
  }
}

/** Budgets to try; whatever is not given stays as it is. */
function triedIn(query: Query, inForce: BudgetPolicy): Pick<CardinalityQuestion, 'budgets' | 'tried'> {
  const tried = (Object.keys(inForce) as BudgetName[]).filter(budget => ['total', 'within'].some(limit => query.text(`${budget}.${limit}`) !== undefined))
  const changed = tried.map((budget): [BudgetName, Partial<Limits>] => {
    const [total, within] = [query.number(`${budget}.total`), query.number(`${budget}.within`)]
    return [budget, { ...inForce[budget], ...(total !== undefined && { total }), ...(within !== undefined && { within }) }]
  })
  return { tried, budgets: { ...inForce, ...Object.fromEntries(changed) } }
}
