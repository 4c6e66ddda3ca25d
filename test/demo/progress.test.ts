import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Progress } from '../../demo/progress.ts'

function screen(options: { isTTY: boolean; columns?: number }): { stream: PassThrough; text: () => string } {
  const stream = Object.assign(new PassThrough(), options)
  return { stream, text: () => String(stream.read() ?? '') }
}

const CLEAR = '\u001b[1G\u001b[2K'

describe('progress', () => {
  it('keeps the status on one line of a terminal, below what stays', () => {
    const { stream, text } = screen({ isTTY: true })
    const progress = new Progress(stream)
    progress.step('up')
    progress.status('1 s', 1_000)
    progress.status('2 s', 2_000)
    progress.step('done')
    expect(text()).toBe(`up\n1 s${CLEAR}2 s${CLEAR}done\n`)
  })

  it('cuts a status that would not fit the terminal\'s line', () => {
    const { stream, text } = screen({ isTTY: true, columns: 6 })
    new Progress(stream).status('123456789', 0)
    expect(text()).toBe('12345')
  })

  it('writes a status now and then as a line where there is no terminal', () => {
    const { stream, text } = screen({ isTTY: false })
    const progress = new Progress(stream, 5_000)
    for (const second of [0, 1, 4, 5, 9, 10]) progress.status(`${second} s`, second * 1_000)
    expect(text()).toBe('0 s\n5 s\n10 s\n')
  })
})
