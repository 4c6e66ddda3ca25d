import type { InstanceStatus } from '../../contract/events.ts'
import { ConsulError } from './consul-error.ts'

/** What a proxy of Connect says that its service calls. */
export interface Upstream {
  client: string
  service: string
}

/** A service's instance as Consul holds it. */
export interface InstanceState {
  datacenter: string
  /** `node/id`: a service's id is unique on its node alone. */
  instance: string
  address: string
  /** The same without the port. */
  host: string
  /** A proxy stands beside a service at its host, or is a gateway. */
  isProxy: boolean
  upstreams: readonly Upstream[]
  version: string
  status: InstanceStatus
  /** The index at which it was registered. */
  createIndex: number
}

export const catalogPath = '/v1/catalog/services'

export function healthPath(service: string): string {
  return `/v1/health/service/${encodeURIComponent(service)}`
}

/** The names in an answer to `catalogPath`. Throws a ConsulError if it is none. */
export function serviceNames(body: unknown): string[] {
  if (!isObject(body)) throw unknownForm(catalogPath)
  return Object.keys(body).filter(name => name !== '')
}

/** The instances in an answer to `healthPath`; all, or a ConsulError. `versionKey`: names the version among a service's meta data, or its tags. */
export function instancesIn(service: string, body: unknown, versionKey: string): InstanceState[] {
  if (!Array.isArray(body)) throw unknownForm(healthPath(service))
  return body.map(entry => instanceIn(entry, versionKey) ?? fail(unknownForm(healthPath(service))))
}

function instanceIn(entry: unknown, versionKey: string): InstanceState | null {
  if (!isObject(entry) || !isObject(entry['Node']) || !isObject(entry['Service'])) return null
  const { Node: node, Service: service } = entry
  const [name, id, createIndex] = [node['Node'], service['ID'], service['CreateIndex']]
  if (typeof name !== 'string' || typeof id !== 'string' || typeof createIndex !== 'number') return null
  const host = text(service['Address']) || text(node['Address'])
  return {
    datacenter: text(node['Datacenter']), instance: `${name}/${id}`, createIndex, host, address: addressOf(host, service['Port']),
    isProxy: text(service['Kind']) !== '', upstreams: upstreamsIn(service['Proxy']),
    version: versionOf(service, versionKey), status: statusOf(list(entry['Checks'])),
  }
}

function addressOf(host: string, port: unknown): string {
  if (typeof port !== 'number' || port === 0) return host
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Prepared queries name no service. */
function upstreamsIn(proxy: unknown): Upstream[] {
  if (!isObject(proxy)) return []
  const client = text(proxy['DestinationServiceName'])
  return list(proxy['Upstreams']).filter(isObject).flatMap(({ DestinationType: type, DestinationName: name }) => {
    const service = text(name)
    return client === '' || service === '' || !['', 'service'].includes(text(type)) ? [] : [{ client, service }]
  })
}

function versionOf({ Meta: meta, Tags: tags }: Record<string, unknown>, key: string): string {
  const told = isObject(meta) ? text(meta[key]) : ''
  return told || list(tags).map(text).find(tag => tag.startsWith(`${key}=`))?.slice(key.length + 1) || ''
}

/** The worst of the service's checks and its node's, as Consul itself sums them up (`HealthChecks.AggregatedStatus`). */
function statusOf(checks: readonly unknown[]): InstanceStatus {
  const read = checks.filter(isObject)
  if (read.some(({ CheckID: id }) => /^_node_maintenance$|^_service_maintenance:/.test(text(id)))) return 'MAINTENANCE'
  if (read.some(({ Status: status }) => status === 'critical')) return 'CRITICAL'
  return read.some(({ Status: status }) => status === 'warning') ? 'WARNING' : 'PASSING'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function unknownForm(path: string): ConsulError {
  return new ConsulError('misplaced', `the answer to ${path} has no form that is known; is --consul.url right?`)
}

function fail(error: ConsulError): never {
  throw error
}
