import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sparePulls } from '../../broker/docker-engine.ts'
import { runCommand } from '../../broker/run.ts'
import { until } from '../support/until.ts'
import { parseExposition, type Sample } from '../../demo/exposition.ts'
import type { Graph } from '../../src/views/formats/json.ts'
import type { KafkaNetwork } from './containers.ts'
import { buildImage } from './image.ts'
import { foldSamples, seriesName } from './series.ts'
import { countedIn, Workload } from './workload.ts'

describe('from an agent through Kafka to the metrics of two replicas, all of them containers but the agent', () => {
  let network: KafkaNetwork
  let workload: Workload
  let replicas: string[] = []
  let pages: (readonly Sample[])[] = []

  const scrapeAll = (): Promise<(readonly Sample[])[]> => Promise.all(replicas.map(scrape))

  beforeAll(async () => {
    await buildImage()
    await sparePulls(process.env, runCommand)
    // Loaded only here: testcontainers reads the environment that was settled above.
    const containers = await import('./containers.ts')
    network = await containers.KafkaNetwork.start()
    await network.createTopics()
    replicas = await Promise.all([network.startReplica(), network.startReplica()])
    workload = new Workload({ brokers: [network.address], topicPrefix: '' })
    workload.register()
    workload.lookUp(20)
    await workload.flush()
    pages = await workload.counted(scrapeAll)
  })

  afterAll(async () => {
    await workload?.close()
    await network?.stop()
  })

  it('counts exactly what was recorded, and drops nothing', async () => {
    expect(workload.dropped).toBe(0)
    expect(workload.lookups).toBeGreaterThan(2_640)
    // And again: what is counted twice may come late.
    expect(countedIn(await scrapeAll())).toEqual(workload.recorded)
  })

  it('shows each series of the fold on one replica only, and some on both', () => {
    const [ofOne = [], ofTheOther = []] = pages.map(page => foldSamples(page).map(({ name, labels }) => seriesName(name, labels)))
    expect(ofOne.length).toBeGreaterThan(0)
    expect(ofTheOther.length).toBeGreaterThan(0)
    const shown = new Set(ofOne)
    expect(ofTheOther.filter(series => shown.has(series))).toEqual([])
    expect(shown.size + new Set(ofTheOther).size).toBe(ofOne.length + ofTheOther.length)
  })

  it('draws the map that was recorded', async () => {
    for (const url of replicas) {
      const edges = await until(async () => {
        const graph = (await (await fetch(`${url}/api/v1/graph`)).json()) as Graph
        return graph.edges.reduce((sum, { lookups }) => sum + lookups, 0) >= workload.lookups && graph.edges
      }, { timeoutMs: 30_000, message: 'each replica tells the whole map' })
      expect(edges).toHaveLength(12 * 11)
      expect(edges.reduce((sum, { lookups }) => sum + lookups, 0)).toBe(workload.lookups)
    }
  })
})

async function scrape(url: string): Promise<readonly Sample[]> {
  return parseExposition(await (await fetch(`${url}/metrics`)).text()).samples
}
