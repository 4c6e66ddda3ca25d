import { hash } from '@node-rs/bcrypt'
import { describe, expect, it } from 'vitest'
import { loginOf, Passwords } from '../../../src/http/web-config/passwords.ts'

const QUICK = 4
const ann = { user: 'ann', password: 'right' }
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
const usersOf = async (cost = QUICK) => new Map([['ann', await hash('right', cost)], ['bob', await hash('other', cost)]])

describe('a password', () => {
  it('is right for its user alone', async () => {
    const [users, passwords] = [await usersOf(), new Passwords()]
    const ask = (user: string, password: string) => passwords.check(users, { user, password })
    expect(await Promise.all([ask('ann', 'right'), ask('ann', 'other'), ask('bob', 'right'), ask('ann', ''), ask('eve', 'right'), ask('', '')]))
      .toEqual(['right', 'wrong', 'wrong', 'wrong', 'wrong', 'wrong'])
  })

  it('is as right the second time, and wrong once its hash is another', async () => {
    const [users, passwords] = [await usersOf(), new Passwords()]
    expect([await passwords.check(users, ann), await passwords.check(users, ann)]).toEqual(['right', 'right'])
    expect(await passwords.check(new Map([['ann', await hash('new', QUICK)]]), ann)).toBe('wrong')
    expect(await passwords.check(new Map(), ann)).toBe('wrong')
  })

  it('that htpasswd hashed is right', async () => {
    const made = (await hash('right', QUICK)).replace(/^\$2b/, '$2y')
    expect(await new Passwords().check(new Map([['ann', made]]), ann)).toBe('right')
  })

  it('is compared once for all who ask the same, and beside the event loop', async () => {
    const [users, passwords] = [await usersOf(11), new Passwords()]
    let [turns, isDone] = [0, false]
    const turn = (): void => {
      turns++
      if (!isDone) setImmediate(turn)
    }
    turn()
    // A thousand comparisons of some 0.1 s would take longer than a test may.
    const verdicts = await Promise.all(Array.from({ length: 1_000 }, () => passwords.check(users, ann)))
    isDone = true
    expect(new Set(verdicts)).toEqual(new Set(['right']))
    expect(turns).toBeGreaterThan(1_000)
  })

  it('that was right stays so through a flood of wrong ones, which is told to come again', async () => {
    const [users, passwords] = [await usersOf(), new Passwords()]
    expect(await passwords.check(users, ann)).toBe('right')
    const flood = Array.from({ length: 2_000 }, (_, index) => passwords.check(users, { user: `user${index % 3}`, password: `guess ${index}` }))
    expect(await passwords.check(users, ann)).toBe('right')
    const verdicts = await Promise.all(flood)
    expect([verdicts.includes('right'), verdicts.includes('busy'), verdicts.filter(verdict => verdict === 'wrong').length]).toEqual([false, true, 17])
    expect(await passwords.check(users, ann)).toBe('right')
  })
})

describe('a login', () => {
  it.each([
    [basic('ann:p:w'), { user: 'ann', password: 'p:w' }],
    [basic('ünal:ß'), { user: 'ünal', password: 'ß' }],
    [basic(':'), { user: '', password: '' }],
    [basic('ann:x').replace('Basic', 'basic'), { user: 'ann', password: 'x' }],
    [basic('ann'), null],
    ['Bearer abc', null],
    ['Basic !!!', null],
    ['Basic', null],
    [undefined, null],
  ])('is read from %j', (authorization, login) => {
    expect(loginOf(authorization)).toEqual(login)
  })
})
