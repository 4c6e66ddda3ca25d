import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { faultsOf } from './rules.ts'
import type { SourceFile } from './source.ts'

const src = new URL('../../src/', import.meta.url)
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter(path => path.endsWith('.ts'))
  .map((path): SourceFile => ({ path: path.replaceAll('\\', '/'), text: readFileSync(new URL(path, src), 'utf8') }))

const faults = (path: string, text: string) => faultsOf([{ path, text }]).map(fault => fault.slice(path.length + 1))
const lines = (count: number) => '//\n'.repeat(count)

describe('the source', () => {
  it('keeps the table of imports, and the bounds of length and style', () => {
    expect(faultsOf(files)).toEqual([])
  })

  it('is read whole: each folder of the table has files', () => {
    const folders = new Set(files.flatMap(({ path }) => path.includes('/') ? [path.split('/')[0]] : []))
    expect(folders).toEqual(new Set(['contract', 'core', 'views', 'checkpoint', 'verify', 'aggregator', 'agent', 'kafka', 'prometheus', 'http', 'commands', 'page', 'policy']))
  })
})

describe('the check of imports', () => {
  it.each([
    ['contract/a.ts', '../core/cells.ts', 'imports core/cells.ts'],
    ['contract/a.ts', 'kafkajs', 'imports kafkajs, which is for kafka alone'],
    ['contract/a.ts', 'pino', 'imports pino'],
    ['core/a.ts', '../views/graph.ts', 'imports views/graph.ts'],
    ['core/a.ts', 'node:crypto', 'imports node:crypto'],
    ['core/a.ts', 'fs', 'imports fs'],
    ['core/a.ts', 'avsc', 'imports avsc'],
    ['views/a.ts', '../aggregator/shard.ts', 'imports aggregator/shard.ts'],
    ['views/a.ts', 'node:util', 'imports node:util'],
    ['aggregator/a.ts', '../kafka/client.ts', 'imports kafka/client.ts'],
    ['aggregator/a.ts', '../http/app.ts', 'imports http/app.ts'],
    ['aggregator/a.ts', '../prometheus/text.ts', 'imports prometheus/text.ts'],
    ['aggregator/a.ts', '../config.ts', 'imports config.ts'],
    ['agent/a.ts', '../core/names.ts', 'imports core/names.ts'],
    ['agent/a.ts', 'avsc', 'imports avsc'],
    ['agent/a.ts', 'kafkajs', 'imports kafkajs, which is for kafka alone'],
    ['kafka/a.ts', '../http/app.ts', 'imports http/app.ts'],
    ['kafka/a.ts', 'prom-client', 'imports prom-client, which is for prometheus alone'],
    ['prometheus/a.ts', '../kafka/client.ts', 'imports kafka/client.ts'],
    ['prometheus/a.ts', 'express', 'imports express, which is for http alone'],
    ['http/a.ts', '../prometheus/text.ts', 'imports prometheus/text.ts'],
    ['http/a.ts', '../commands/serve.ts', 'imports commands/serve.ts'],
    ['http/a.ts', '../main.ts', 'imports main.ts'],
    ['page/a.ts', '../views/graph/summary.ts', 'imports views/graph/summary.ts'],
    ['page/a.ts', 'node:fs', 'imports node:fs'],
    ['http/a.ts', 'cytoscape', 'imports cytoscape, which is for page alone'],
    ['commands/a.ts', 'compression', 'imports compression, which is for http alone'],
    ['sdk.ts', './aggregator/shard.ts', 'imports aggregator/shard.ts'],
    ['config.ts', './kafka/options.ts', 'imports kafka/options.ts'],
    ['logging.ts', './kafka/options.ts', 'imports kafka/options.ts'],
    ['http/a.ts', '../logging.ts', 'imports logging.ts'],
    ['main.ts', '../test/support/until.ts', 'imports ../test/support/until.ts, which is outside src'],
    ['tools/a.ts', './b.ts', 'is in no folder of the table'],
  ])('stops %s from importing %s', (path, specifier, fault) => {
    const forms = [
      `import { a } from '${specifier}'`, `import '${specifier}'`, `export { a } from '${specifier}'`, `export * from '${specifier}'`,
      `import { type A } from '${specifier}'`, `const a = import('${specifier}')`,
    ]
    expect(forms.map(form => faults(path, form))).toEqual(forms.map(() => [fault]))
  })

  it('holds types to the table as well, which they tie together all the same', () => {
    expect(faults('core/a.ts', 'import type { Graph } from \'../views/graph.ts\'')).toEqual(['imports views/graph.ts'])
    expect(faults('core/a.ts', 'type Graph = import(\'../views/graph.ts\').Graph')).toEqual(['imports views/graph.ts'])
    expect(faults('commands/a.ts', 'import type { Kafka } from \'kafkajs\'')).toEqual(['imports kafkajs, which is for kafka alone'])
  })

  it('lets pass what the table allows', () => {
    const allowed: [string, string][] = [
      ['agent/a.ts', 'import type { Kafka } from \'kafkajs\'; import { a } from \'../contract/codec.ts\'; import \'node:net\''],
      ['kafka/a.ts', 'import { Kafka } from \'kafkajs\'; import { a } from \'../aggregator/a.ts\'; import { b } from \'../config.ts\''],
      ['http/a.ts', 'import express from \'express\'; import { a } from \'./app.ts\'; import \'compression\''],
      ['prometheus/a.ts', 'import { Registry } from \'prom-client\'; import { families } from \'../core/families.ts\''],
      ['core/a.ts', 'import { a } from \'../contract/events.ts\'; import { b } from \'./cells.ts\''],
      ['contract/a.ts', 'import { readFileSync } from \'node:fs\'; import avro from \'avsc\''],
      ['commands/a.ts', 'import { a } from \'../http/app.ts\'; import { b } from \'../kafka/client.ts\'; import { c } from \'commander\''],
    ]
    expect(allowed.map(([path, text]) => faults(path, text))).toEqual(allowed.map(() => []))
  })

  it('does not take text for code', () => {
    const text = '// import \'node:fs\', Date.now(), any\nexport const text = "import(\'kafkajs\') performance!"'
    expect(faults('core/a.ts', text)).toEqual([])
  })

  it('stops an import that it cannot see through', () => {
    expect(faults('core/a.ts', 'const load = (name: string) => import(name)')).toEqual(['imports (computed)'])
  })
})

describe('the check of purity', () => {
  const impure: [string, string][] = [
    ['Date.now()', 'Date.now'], ['Date[\'now\']()', 'Date.now'], ['new Date()', 'new Date()'], ['Date()', 'Date()'],
    ['Math.random()', 'Math.random'],
    ['performance.now()', 'performance'], ['setTimeout(f, 1)', 'setTimeout'], ['process.env', 'process'], ['globalThis.x', 'globalThis'],
    ['async () => 1', 'async'], ['Promise.resolve()', 'Promise'], ['Buffer.from([])', 'Buffer'],
  ]

  it.each(impure)('stops %s in core and in views', (code, use) => {
    const text = `export const a = ${code}`
    expect([faults('core/a.ts', text), faults('views/a.ts', text)]).toEqual([[`uses ${use}`], [`uses ${use}`]])
  })

  it('stops await, for await and asynchronous methods', () => {
    expect(faults('core/a.ts', 'export const a = await f()')).toEqual(['uses async'])
    expect(faults('core/a.ts', 'export {}; for await (const a of b) f(a)')).toEqual(['uses async'])
    expect(faults('core/a.ts', 'class A { async f() {} }')).toEqual(['uses async'])
    expect(faults('core/a.ts', 'export function f(a: Promise<void>) {}')).toEqual(['uses Promise'])
  })

  it('lets a time that was given be formatted, and leaves the edges alone', () => {
    expect(faults('views/a.ts', 'export const iso = (time: number) => new Date(time).toISOString()')).toEqual([])
    expect(impure.map(([code]) => faults('http/a.ts', `export const a = ${code}`))).toEqual(impure.map(() => []))
  })

  it('does not mistake a property for a global of the same name', () => {
    expect(faults('core/a.ts', 'export const a = { process: 1, b: c.performance, fetch() {} }')).toEqual([])
    expect(faults('core/a.ts', 'export const a = { process }')).toEqual(['uses process'])
  })
})

describe('the check of style', () => {
  it.each([
    ['export default 1', 'has a default export'], ['const a = 1; export { a as default }', 'has a default export'],
    ['export const a: any = 1', 'uses any'], ['export const a = b as any[]', 'uses any'], ['export const a = b!', 'uses a non-null !'],
    ['export const a = b!.c', 'uses a non-null !'], ['let a!: string', 'uses a non-null !'],
  ])('stops %s', (text, fault) => {
    expect(faults('http/a.ts', text)).toEqual([fault])
  })

  it('lets pass what only looks alike', () => {
    expect(faults('http/a.ts', 'export const any = !a !== b\nexport const c = "any" // any!')).toEqual([])
  })

  it('stops a file above 200 lines, and main.ts above 60', () => {
    expect([faults('http/a.ts', lines(200)), faults('http/a.ts', lines(201))]).toEqual([[], ['has 201 lines, the most is 200']])
    expect([faults('main.ts', lines(60)), faults('main.ts', lines(61))]).toEqual([[], ['has 61 lines, the most is 60']])
  })
})
