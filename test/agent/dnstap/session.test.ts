import { describe, expect, it } from 'vitest'
import { DnstapSession } from '../../../src/agent/dnstap/session.ts'
import { controlFrame, dataFrame } from '../dns/wire.ts'

function session(): { session: DnstapSession; frames: string[]; replies: string[] } {
  const [frames, replies] = [[] as string[], [] as string[]]
  const outlet = { frame: (payload: Buffer) => frames.push(payload.toString()), reply: (bytes: Buffer) => replies.push(bytes.toString('hex')) }
  return { session: new DnstapSession(1_000, outlet), frames, replies }
}

const data = (text: string): Buffer => dataFrame(Buffer.from(text))
const hex = (...parts: Buffer[]): string[] => parts.map(part => part.toString('hex'))

describe('a session with a sender', () => {
  it('that asks first is answered at its begin and at its end', () => {
    const { session: receiver, frames, replies } = session()
    receiver.receive(controlFrame('READY'))
    expect(replies).toEqual(hex(controlFrame('ACCEPT')))
    receiver.receive(Buffer.concat([controlFrame('START'), data('one'), data('two'), controlFrame('STOP', [])]))
    expect(frames).toEqual(['one', 'two'])
    expect(replies).toEqual(hex(controlFrame('ACCEPT'), controlFrame('FINISH', [])))
    expect(receiver.state).toBe('stopped')
  })

  it('that only sends is not answered', () => {
    const { session: receiver, frames, replies } = session()
    receiver.receive(Buffer.concat([controlFrame('START'), data('one'), controlFrame('STOP', [])]))
    expect([frames, replies, receiver.state]).toEqual([['one'], [], 'stopped'])
  })

  it('accepts one that offers dnstap among others, or leaves open what it sends', () => {
    for (const offered of [['text/plain', 'protobuf:dnstap.Dnstap'], []]) {
      const { session: receiver, replies } = session()
      receiver.receive(controlFrame('READY', offered))
      expect(replies).toEqual(hex(controlFrame('ACCEPT')))
    }
  })

  it.each([
    ['READY', ['text/plain']],
    ['START', ['text/plain']],
  ] as const)('is given up when %s offers something else', (type, offered) => {
    const { session: receiver, replies } = session()
    expect(() => receiver.receive(controlFrame(type, offered))).toThrow(expect.objectContaining({ code: 'content_type' }))
    expect(replies).toEqual([])
  })

  it.each([
    ['data before the start', [data('early')]],
    ['data between READY and START', [controlFrame('READY'), data('early')]],
    ['a second START', [controlFrame('START'), controlFrame('START')]],
    ['a READY after the start', [controlFrame('START'), controlFrame('READY')]],
    ['a STOP before the start', [controlFrame('STOP', [])]],
    ['an ACCEPT', [controlFrame('ACCEPT')]],
    ['data after the end', [controlFrame('START'), controlFrame('STOP', []), data('late')]],
  ])('is given up at %s', (_, chunks) => {
    const { session: receiver } = session()
    expect(() => receiver.receive(Buffer.concat(chunks))).toThrow(expect.objectContaining({ code: 'control_frame' }))
  })
})
