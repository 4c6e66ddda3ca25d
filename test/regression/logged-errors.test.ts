import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

/** pino logs an Error under any key but its own as `{}`. */
describe('an error that is logged', () => {
  it.each(['json', 'text'])('is told with its message and cause as %s', format => {
    const module = new URL('../../src/logging.ts', import.meta.url).href
    const script = `import { createLogger } from '${module}'
      const error = new Error('no schema', { cause: new Error('refused') })
      createLogger({ level: 'info', format: '${format}' }).error({ error }, 'a batch cannot be read')`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
    expect(stderr).toContain('a batch cannot be read')
    expect(stderr).toContain('no schema')
    expect(stderr).toContain('refused')
    expect(stdout).toBe('')
    expect(stderr).not.toMatch(/^\s*at |\.ts:\d+:\d+/m)
  })
})
