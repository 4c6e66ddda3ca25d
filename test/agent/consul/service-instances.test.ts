import { describe, expect, it } from 'vitest'
import type { InstanceState } from '../../../src/agent/consul/catalog.ts'
import { InstanceAddresses } from '../../../src/agent/consul/instance-addresses.ts'
import { Revisions } from '../../../src/agent/consul/revisions.ts'
import { ServiceInstances } from '../../../src/agent/consul/service-instances.ts'

const none = (): void => undefined

function at(instance: string, host: string): InstanceState {
  return { datacenter: 'dc1', instance, address: `${host}:80`, host, isProxy: false, upstreams: [], version: '', status: 'PASSING', createIndex: 1 }
}

describe('where a service has instances', () => {
  it('is where they were last, as long as there is one', () => {
    const addresses = new InstanceAddresses()
    const web = new ServiceInstances(
      { service: 'web', source: '', leaseMillis: 1_000, countsChanges: false }, { revisions: new Revisions(), addresses, record: none, declare: none },
    )
    const known = (index: number, ...instances: InstanceState[]) => {
      web.take({ index, instances, isWhole: true }, { all: true })
      return ['10.0.0.1', '10.0.0.2'].map(host => addresses.servicesAt(host))
    }
    expect(known(1, at('a', '10.0.0.1'), at('b', '10.0.0.1'))).toEqual([['web'], []])
    expect(known(2, at('a', '10.0.0.1'), at('b', '10.0.0.2'))).toEqual([['web'], ['web']])
    expect(known(3, at('b', '10.0.0.2'))).toEqual([[], ['web']])
    expect(known(4)).toEqual([[], []])
  })
})
