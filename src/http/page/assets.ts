import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import * as nodeModule from 'node:module' // an older Node, which is told what it lacks, has not all of it
import { dirname, extname, join } from 'node:path'

/** A file of the web page, as a browser is given it. */
export interface Asset {
  type: string
  body: Buffer
}

/** What the page at `/` is made of. All files lie below one path, which names their contents: so they can be kept for ever. */
export interface PageAssets {
  /** `/page/0123456789abcdef` */
  base: string
  /** By file name. */
  files: ReadonlyMap<string, Asset>
}

const pageFolder = new URL('../../page/', import.meta.url)
const DIGEST_LENGTH = 16

/** The packages that the page loads, and the name that each has there. No CDN: what is served is what is installed. */
export const libraries = { cytoscape: 'cytoscape.js', '@dagrejs/dagre': 'dagre.js' } as const
const builds: Readonly<Record<keyof typeof libraries, string>> = {
  cytoscape: 'cytoscape.esm.min.mjs', '@dagrejs/dagre': 'dagre.esm.js',
}

/**
 * Reads the page's files: of a built package its `.js`, of the sources its `.ts` without their types (see docs/adr/0016). Throws if a
 * library is not installed.
 */
export function readAssets(): PageAssets {
  const own = readdirSync(pageFolder).flatMap(name => ownAsset(name))
  const foreign = (Object.keys(libraries) as (keyof typeof libraries)[])
    .map((name): [string, Asset] => [libraries[name], { type: 'text/javascript', body: readFileSync(libraryFile(name, builds[name])) }])
  const files = new Map([...own, ...foreign].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const digest = createHash('sha256')
  for (const [name, { body }] of files) digest.update(`${name}\0${body.length}\0`).update(body)
  return { base: `/page/${digest.digest('hex').slice(0, DIGEST_LENGTH)}`, files }
}

function ownAsset(name: string): [string, Asset][] {
  const read = () => readFileSync(new URL(name, pageFolder))
  if (name.endsWith('.d.ts')) return []
  switch (extname(name)) {
    case '.css': return [[name, { type: 'text/css', body: read() }]]
    case '.svg': return [[name, { type: 'image/svg+xml', body: read() }]]
    case '.js': return [[name, { type: 'text/javascript', body: read() }]]
    case '.ts': return [[name, { type: 'text/javascript', body: Buffer.from(nodeModule.stripTypeScriptTypes(read().toString())) }]]
    default: return []
  }
}

/** A build for browsers, which lies beside the one for Node and is not among what every package exports. */
function libraryFile(name: string, build: string): string {
  return join(dirname(nodeModule.createRequire(import.meta.url).resolve(name)), build)
}
