import { pino } from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import { Availability } from '../../src/kafka/availability.ts'

let logged: string[]
let availability: Availability

beforeEach(() => {
  logged = []
  availability = new Availability(pino({}, {
    write: line => {
      const { level, msg } = JSON.parse(line) as { level: number; msg: string }
      logged.push(`${pino.levels.labels[level]}: ${msg}`)
    },
  }))
})

const refused = new Error('connection refused')
const told = 'warn: Kafka cannot be used: connection refused; trying again until it can'

describe('Kafka’s availability', () => {
  it('begins without a connection, which is no outage', () => {
    expect(availability.reason).toBe('not connected to Kafka yet')
    availability.back('admin')
    availability.back('consumer')
    expect(availability.reason).toBe(null)
    expect(logged).toEqual(['info: connected to Kafka'])
  })

  it('tells an outage once and its end once, however often either is noted', () => {
    availability.back('admin')
    for (let time = 0; time < 3; time++) {
      availability.away('admin', refused)
      availability.away('consumer', new Error('another reason'))
    }
    expect(availability.reason).toBe('Kafka cannot be used: connection refused')
    for (let time = 0; time < 3; time++) {
      availability.back('consumer')
      availability.back('admin')
    }
    expect(availability.reason).toBe(null)
    expect(logged).toEqual(['info: connected to Kafka', told, 'info: Kafka can be used again'])
  })

  it('tells the next outage again', () => {
    availability.away('admin', refused)
    availability.back('admin')
    availability.away('admin', refused)
    expect(logged).toEqual([told, 'info: Kafka can be used again', told])
  })

  it('is not back while one side is still away, as when a broker answers and its group coordinator does not yet', () => {
    availability.back('admin')
    availability.away('admin', refused)
    availability.away('consumer', refused)
    availability.back('admin')
    expect(availability.reason).toBe('Kafka cannot be used: connection refused')
    availability.away('consumer', new Error('the coordinator is loading'))
    expect(availability.reason).toBe('Kafka cannot be used: the coordinator is loading')
    availability.back('consumer')
    expect(availability.reason).toBe(null)
    expect(logged).toEqual(['info: connected to Kafka', told, 'info: Kafka can be used again'])
  })
})
