import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LiveMap } from '../../../src/http/map/live-map.ts'
import type { StreamLimits } from '../../../src/http/map/change-stream.ts'
import { until } from '../../support/until.ts'
import { LoggedShards } from '../../views/map-of.ts'
import { lookup, MINUTE, SECOND, shardOf, T0, type Appended } from '../../views/shards.ts'
import { serving } from '../serving.ts'
import { jsonAt } from './endpoints-site.ts'

const INTERVAL = 5

/** A map that goes on: what is folded into it is seen at the next look. */
class GoingOn {
  readonly #events: Appended[] = []
  readonly #logged = new LoggedShards()
  now = T0
  readonly map = new LiveMap({ shards: () => this.#logged.numbered, now: () => this.now, turn: async () => {} })

  /** `after`: how much later the next look is. */
  fold(events: readonly Appended[], after = SECOND): void {
    this.#events.push(...events)
    this.#logged.write(shardOf(this.#events, { atEnd: this.now }))
    this.now += after
  }
}

interface Told {
  id: string
  event: string
  client: string
}

/** A client of the stream; it ends with the test. */
class Listening {
  readonly told: Told[] = []
  text = ''
  closed = false
  readonly #aborted = new AbortController()

  static async at(url: string, headers: Record<string, string> = {}): Promise<Listening> {
    const listening = new Listening()
    onTestFinished(() => listening.leave())
    const answer = await fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal: listening.#aborted.signal })
    const type = answer.headers.get('content-type')
    if (answer.status !== 200 || type !== 'text/event-stream; charset=utf-8') throw new Error(`no stream, but ${answer.status} ${type}`)
    void listening.#read(answer)
    await until(() => listening.text.startsWith('retry: 2000\n\n'), { intervalMs: 2, message: 'the stream begins' })
    return listening
  }

  leave(): void {
    this.#aborted.abort()
  }

  edges(): string[] {
    return this.told.filter(({ event }) => event.startsWith('edge')).map(({ event, client }) => `${event} ${client}`)
  }

  untilTold(count: number): Promise<true> {
    return until(() => this.edges().length >= count, { intervalMs: 2, message: `${count} events, not ${this.edges().length}` })
  }

  async #read(answer: Response): Promise<void> {
    try {
      for await (const chunk of answer.body ?? []) {
        this.text += Buffer.from(chunk as Uint8Array).toString()
        this.told.splice(0, this.told.length, ...parse(this.text))
      }
    } catch {
      // It was left, or cut off.
    }
    this.closed = true
  }
}

function parse(text: string): Told[] {
  return text.split('\n\n').slice(0, -1).filter(block => block.includes('data: ')).map(block => {
    const fields = Object.fromEntries(block.split('\n').map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]))
    return { id: fields['id'] ?? '', event: fields['event'] ?? '', client: (JSON.parse(fields['data'] ?? '{}') as { client?: string }).client ?? '' }
  })
}

async function open(limits?: Partial<StreamLimits>) {
  const going = new GoingOn()
  let cut = 0
  const streams = {
    interval: INTERVAL, onCut: () => { cut++ },
    ...(limits === undefined ? {} : { limits: { streams: 100, queueBytes: 1_048_576, heartbeat: 15_000, ...limits } }),
  }
  const { url } = await serving({ map: going.map, streams })
  return { going, url: `${url}/api/v1/graph/changes`, cuts: () => cut }
}

describe('the stream of changes', () => {
  it('tells what changes from then on, each once, though it is known late', async () => {
    const { going, url } = await open()
    going.fold([lookup({ client: 'before' })])
    const listening = await Listening.at(url)
    going.fold([lookup({ client: 'a' }, T0 + SECOND)])
    await listening.untilTold(1)
    going.fold([lookup({ client: 'late' }, T0 + SECOND / 2), lookup({ client: 'b' }, T0 + 2 * SECOND)], MINUTE)
    await listening.untilTold(3)
    going.fold([lookup({ client: 'c' }, T0 + MINUTE)])
    await listening.untilTold(4)
    expect(listening.edges()).toEqual(['edge_appeared a', 'edge_appeared late', 'edge_appeared b', 'edge_appeared c'])
  })

  it('tells what JSON tells', async () => {
    const { going, url } = await open()
    const listening = await Listening.at(url)
    going.fold([lookup({ client: 'a' }, T0 + SECOND)], 2 * SECOND)
    await listening.untilTold(1)
    const { changes } = await jsonAt<{ changes: { kind: string }[] }>(url)
    expect(changes.map(({ kind }) => kind).toSorted()).toEqual(listening.told.map(({ event }) => event).toSorted())
  })

  it('says where it leaves some out, since there are too many at once, and tells the newest', async () => {
    const { going, url } = await open()
    going.fold([lookup({ client: 'before' })])
    const listening = await Listening.at(url)
    going.fold(Array.from({ length: 1_500 }, (_, index) => lookup({ client: `client-${index}` }, T0 + index + 1)), 3 * SECOND)
    await until(() => listening.edges().includes('edge_appeared client-1499'), { intervalMs: 5, message: 'the newest is told' })
    const [first, ...others] = listening.told.map(({ event }) => event)
    expect([first, others.includes('left_out'), listening.edges().length < 1_500]).toEqual(['left_out', false, true])
    going.fold([lookup({ client: 'after' }, T0 + 4 * SECOND)], 2 * SECOND)
    await until(() => listening.edges().includes('edge_appeared after'), { intervalMs: 5, message: 'what comes after is told' })
    expect(listening.told.filter(({ event }) => event === 'left_out')).toHaveLength(1)
  })

  it('begins with what has changed since a time, if it is asked to', async () => {
    const { going, url } = await open()
    going.fold([lookup({ client: 'early' })], 10 * MINUTE)
    going.fold([lookup({ client: 'a' }, T0 + 9 * MINUTE)])
    const listening = await Listening.at(`${url}?since=5m&kind=edge_appeared`)
    await listening.untilTold(1)
    expect(listening.told.map(({ event, client }) => `${event} ${client}`)).toEqual(['edge_appeared a'])
  })

  it('goes on behind the last event, when a client comes again', async () => {
    const { going, url } = await open()
    const stays = await Listening.at(url)
    const first = await Listening.at(url)
    going.fold([lookup({ client: 'a' }, T0 + SECOND)])
    await first.untilTold(1)
    const last = first.told.at(-1)?.id ?? ''
    first.leave()
    going.fold([lookup({ client: 'b' }, T0 + SECOND)], 2 * SECOND)
    await stays.untilTold(2)
    const again = await Listening.at(url, { 'last-event-id': last })
    await again.untilTold(1)
    going.fold([lookup({ client: 'c' }, T0 + 2 * SECOND)])
    await again.untilTold(2)
    expect(again.edges()).toEqual(['edge_appeared b', 'edge_appeared c'])
  })

  it('tells all of the last minutes again, rather than leave something out, to a client that comes from another replica', async () => {
    const { going, url } = await open()
    going.fold([lookup({ client: 'long ago' })], 10 * MINUTE)
    going.fold([lookup({ client: 'a' }, T0 + 9 * MINUTE)])
    const listening = await Listening.at(url, { 'last-event-id': `1.7.${T0 + 10 * MINUTE}` })
    await listening.untilTold(1)
    expect(listening.edges()).toEqual(['edge_appeared a'])
  })

  it('gives a sign of life', async () => {
    const { url } = await open({ heartbeat: INTERVAL })
    const listening = await Listening.at(url)
    expect(await until(() => listening.text.includes(': here\n\n'), { intervalMs: 2, message: 'a sign of life' })).toBe(true)
  })

  it('is not compressed, since that would hold events back', async () => {
    const { url } = await open()
    const answer = await fetch(url, { headers: { accept: 'text/event-stream', 'accept-encoding': 'gzip' } })
    expect([answer.headers.get('content-encoding'), answer.headers.get('cache-control')]).toEqual([null, 'no-store, no-transform'])
    await answer.body?.cancel()
  })

  it('is open to so many clients, and no more until one leaves', async () => {
    const { url } = await open({ streams: 1 })
    const first = await Listening.at(url)
    const refused = await fetch(url, { headers: { accept: 'text/event-stream' } })
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, 'too_many_streams'])
    first.leave()
    const isFree = await until(async () => {
      const answer = await fetch(url, { headers: { accept: 'text/event-stream' } })
      await answer.body?.cancel()
      return answer.status === 200
    }, { intervalMs: 5, message: 'a place is free' })
    expect(isFree).toBe(true)
  })

  it('is cut off for a client that does not read it, and counted', async () => {
    const { going, url, cuts } = await open({ queueBytes: 100_000 })
    const { hostname, port, pathname } = new URL(url)
    const socket = connect(Number(port), hostname)
    onTestFinished(() => { socket.destroy() })
    socket.pause()
    socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nAccept: text/event-stream\r\n\r\n`)
    await once(socket, 'connect')
    const client = 'x'.repeat(20_000)
    let count = 0
    await until(() => {
      going.fold(Array.from({ length: 20 }, () => lookup({ client: `${client}${count++}` }, going.now)), SECOND)
      return cuts() > 0
    }, { intervalMs: 20, timeoutMs: 20_000, message: 'the client is cut off' })
    expect(cuts()).toBe(1)
  })
})
