import { createHash } from 'node:crypto'
import { libraries, type PageAssets } from './assets.ts'
import { markup } from './markup.ts'

/** A page, and the policy that lets it load what it is made of and nothing else. */
export interface MapPage {
  html: string
  contentSecurityPolicy: string
}

/** The page at `/`: the live dependency map. */
export function mapPage({ base, files }: PageAssets, { version, hidesIdle }: { version: string; hidesIdle: boolean }): MapPage {
  const imports = Object.fromEntries(Object.entries(libraries).map(([name, file]) => [name, `${base}/${file}`]))
  const importMap = JSON.stringify({ imports })
  const main = files.has('main.js') ? 'main.js' : 'main.ts'
  const modules = [...files].filter(([, { type }]) => type === 'text/javascript').map(([name]) => name)
  return { html: markup({ base, main, modules, importMap, version, hidesIdle }), contentSecurityPolicy: policyWith(importMap) }
}

/** An import map can only stand in the page itself, so it is let in by its hash. The style element is the one that Cytoscape looks for. */
function policyWith(importMap: string): string {
  const hash = createHash('sha256').update(importMap).digest('base64')
  return [
    "default-src 'none'", `script-src 'self' 'sha256-${hash}'`, "style-src 'self'", "connect-src 'self'", "img-src 'self' data:",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
  ].join('; ')
}
