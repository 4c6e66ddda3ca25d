import { get } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'

const LOOKUPS = 'discovery_lookups_total'
const NEWLINE = 10
const HASH = 35

/** One answer of `/metrics`. */
export interface Page {
  /** The sum of `discovery_lookups_total`. */
  lookups: number
  /** When it had been received, in milliseconds since the epoch. */
  at: number
  bytes: Buffer
}

/** A page as a scraper gets it; null while there is none. `encoding`: as Prometheus asks for it, or for as little work as can be. */
export async function scrape(url: string, encoding: 'gzip' | 'identity' = 'identity'): Promise<Page | null> {
  const response = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': encoding } }).catch(() => null)
  if (response === null) return null
  const bytes = Buffer.from(await response.arrayBuffer())
  return response.ok ? { lookups: sumOn(bytes, LOOKUPS), at: performance.timeOrigin + performance.now(), bytes } : null
}

/**
 * A page as it comes over the wire to a scraper that asks for it compressed: reading it here costs next to nothing, for Prometheus has a
 * machine of its own. Throws if there is none.
 */
export async function compressedPage(url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get(`${url}/metrics`, { headers: { 'accept-encoding': 'gzip' } }, response => {
      if (response.statusCode === 200) buffer(response).then(resolve, reject)
      else reject(new Error(`/metrics answers with ${response.statusCode}`))
    }).once('error', reject)
  })
}

/** Lines that are samples, of a page that is looked at once nothing is measured any more. */
export function seriesOnCompressed(page: Buffer): number {
  return seriesOn({ bytes: gunzipSync(page) })
}

/** The sum of a family's samples, of those whose line has a text in it. */
export function sumOn(bytes: Buffer, family: string, having = ''): number {
  const opening = Buffer.from(`\n${family}{`)
  let sum = 0
  for (let at = bytes.indexOf(opening); at !== -1; at = bytes.indexOf(opening, at + 1)) {
    const line = bytes.toString('utf8', at, bytes.indexOf(NEWLINE, at + 1))
    if (line.includes(having)) sum += Number(line.slice(line.lastIndexOf('} ') + 2))
  }
  return sum
}

/** Lines that are samples. */
export function seriesOn({ bytes }: Pick<Page, 'bytes'>): number {
  let series = 0
  for (let at = 0; at < bytes.length; at = bytes.indexOf(NEWLINE, at) + 1) if (bytes[at] !== HASH) series++
  return series
}
