import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { readSource, type Import, type Source, type SourceFile } from './source.ts'

/** What a folder of `src`, or a file at its top, may import of ours. Other files at the top are leaves that serve the composition roots. */
const ours: Record<string, readonly string[] | 'anything'> = {
  contract: [],
  core: ['contract'],
  views: ['core', 'contract'],
  checkpoint: ['views', 'core', 'contract'],
  aggregator: ['coded-error.ts', 'checkpoint', 'views', 'core', 'contract'],
  verify: ['checkpoint', 'views', 'core', 'contract'],
  policy: ['core', 'contract', 'config.ts'],
  agent: ['coded-error.ts', 'contract'],
  // Runs in browsers: it knows the replica by its API alone.
  page: [],
  // Edges implement what the stages ask for; they meet in the composition roots only.
  kafka: ['coded-error.ts', 'aggregator', 'checkpoint', 'views', 'core', 'contract', 'config.ts'],
  prometheus: ['aggregator', 'checkpoint', 'views', 'core', 'contract', 'config.ts', 'turns.ts'],
  http: ['aggregator', 'checkpoint', 'views', 'core', 'contract', 'config.ts', 'turns.ts'],
  'coded-error.ts': [],
  'config.ts': [],
  'turns.ts': [],
  'sdk.ts': ['agent', 'contract'],
  commands: 'anything',
  'main.ts': 'anything',
}

/** The packages that may be loaded where not all may; `node`: Node's own modules, too. */
const packages: Record<string, readonly string[]> = {
  contract: ['avsc', 'node'], core: [], views: [], agent: ['node'], page: ['cytoscape', '@dagrejs/dagre'], 'sdk.ts': ['node'],
}

/** A package that one folder has to itself, and who else may have its types. */
const owned: Record<string, { by: string; types: readonly string[] }> = {
  kafkajs: { by: 'kafka', types: ['agent'] },
  'prom-client': { by: 'prometheus', types: [] },
  express: { by: 'http', types: [] },
  compression: { by: 'http', types: [] },
  '@node-rs/bcrypt': { by: 'http', types: [] },
  cytoscape: { by: 'page', types: [] },
  '@dagrejs/dagre': { by: 'page', types: [] },
}

const LEAF = ['config.ts']
const pure = ['core', 'views']
const MAX_LINES = 200
const MAX_MAIN_LINES = 60

/** What the files break of DESIGN.md's section 6 and of STYLE.md; nothing if they keep all. */
export function faultsOf(files: readonly SourceFile[]): string[] {
  return files.flatMap(file => {
    const source = readSource(file)
    return [...new Set([...importFaults(file, source), ...source.forbidden, ...impurities(file, source), ...lengthFaults(file)])]
      .map(fault => `${file.path} ${fault}`)
  })
}

/** The folder of `src` that a file is in; its own name, if it is in none. */
function placeOf(path: string): string {
  return path.split('/')[0] ?? path
}

function importFaults({ path }: SourceFile, { imports }: Source): string[] {
  const place = placeOf(path)
  if (ours[place] === undefined && place !== path) return ['is in no folder of the table']
  return imports.flatMap(each => each.specifier.startsWith('.') ? ownFaults(path, each) : packageFaults(place, each))
}

function ownFaults(path: string, { specifier }: Import): string[] {
  const target = posix.join(posix.dirname(path), specifier)
  const [from, to] = [placeOf(path), placeOf(target)]
  const allowed = ours[from] ?? LEAF
  if (to === '..') return [`imports ${specifier}, which is outside src`]
  return from === to || allowed === 'anything' || allowed.includes(to) ? [] : [`imports ${target}`]
}

function packageFaults(place: string, { specifier, typeOnly }: Import): string[] {
  const isNode = specifier.startsWith('node:') || builtinModules.includes(specifier)
  const name = isNode ? 'node' : specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
  const owner = owned[name]
  if (owner !== undefined && owner.by === place) return []
  if (owner !== undefined) return typeOnly && owner.types.includes(place) ? [] : [`imports ${name}, which is for ${owner.by} alone`]
  return packages[place]?.includes(name) === false ? [`imports ${specifier}`] : []
}

function impurities({ path }: SourceFile, { impure }: Source): string[] {
  return pure.includes(placeOf(path)) ? impure.map(use => `uses ${use}`) : []
}

function lengthFaults({ path, text }: SourceFile): string[] {
  const lines = text.replace(/\n$/, '').split('\n').length
  const most = path === 'main.ts' ? MAX_MAIN_LINES : MAX_LINES
  return lines > most ? [`has ${lines} lines, the most is ${most}`] : []
}
