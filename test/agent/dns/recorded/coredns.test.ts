import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { until } from '../../../support/until.ts'
import { Recording } from '../recording.ts'

it('What CoreDNS 1.15.0 sent is told as the look-ups that it answered, what it asked another server left out', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'coredns-agent-'))
  const socket = join(folder, 'dnstap.sock')
  const recording = new Recording({ socket })
  await recording.start()
  try {
    connect(socket).on('error', () => undefined).end(readFileSync(new URL('coredns-1.15.0.fstrm', import.meta.url))).resume()
    await until(() => recording.lookups.length >= 6, { message: `six look-ups, beside ${recording.told.join(', ')}`, timeoutMs: 30_000 })
    expect(recording.told.toSorted()).toEqual([
      '127.0.0.91: shop/cart SUCCESS 2', '127.0.0.92: shop/cart SUCCESS 1', '127.0.0.93: shop/nobody FAILURE -1 NXDOMAIN', '127.0.0.94: shop/web EMPTY 0',
      '127.0.0.95: /cart FAILURE -1 SERVFAIL', '127.0.0.96: shop/cart SUCCESS 2',
    ])
    const took = recording.lookups.map(({ clientInstance, durationMicros = -1 }) => [clientInstance, durationMicros >= 0 && durationMicros < 10_000_000])
    expect(took.filter(([, isKnown]) => isKnown !== true)).toEqual([])
    const counts = ['query', 'response', 'other_message_type', 'other_record_type'].map(result => recording.count('frames', result))
    expect(counts).toEqual([7, 7, 2, 2])
    expect(recording.count('lookups', 'twin')).toBe(1)
    expect(recording.faults).toEqual([])
  } finally {
    await recording.stop()
    await rm(folder, { recursive: true })
  }
}, 60_000)
