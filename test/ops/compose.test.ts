import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

interface Service {
  image: string
  build?: unknown
  profiles?: string[]
  ports?: string[]
  volumes?: string[]
  healthcheck?: unknown
}

interface Source {
  type: string
  url: string
  jsonData: { allowedHosts?: string[]; timeInterval?: string }
}

const root = new URL('../../', import.meta.url)
const read = (path: string): unknown => parse(readFileSync(new URL(path, root), 'utf8'), { merge: true })
const { services, volumes } = read('docker-compose.yml') as { services: Record<string, Service>; volumes: Record<string, null> }
const mounts = Object.entries(services).flatMap(([service, { volumes: own = [] }]) => own.map(text => {
  const [from = '', to = '', mode = ''] = text.split(':')
  return { service, from, to, mode }
}))

describe('docker-compose.yml', () => {
  it('mounts what there is, for reading, and volumes that it declares', () => {
    const files = mounts.filter(({ from }) => from.startsWith('.'))
    expect(files.map(({ from }) => from)).toEqual(
      ['./ops/prometheus', './ops/alertmanager', './ops/grafana/provisioning', './ops/grafana/dashboards'])
    expect(files.filter(({ from, mode }) => mode !== 'ro' || !existsSync(new URL(from, root)))).toEqual([])
    expect(mounts.filter(({ from }) => !from.startsWith('.')).map(({ from }) => from).toSorted()).toEqual(Object.keys(volumes).toSorted())
  })

  it('names a version of each image that it does not build', () => {
    const unpinned = Object.values(services).filter(({ image, build }) => build === undefined && !/:v?\d+\.\d+\.\d+$/.test(image))
    expect(unpinned.map(({ image }) => image)).toEqual([])
  })

  it('starts Alertmanager and Grafana only with the profile full', () => {
    const full = Object.entries(services).filter(([, { profiles }]) => profiles?.includes('full')).map(([name]) => name)
    expect(full).toEqual(['alertmanager', 'grafana'])
  })

  it('publishes ports on loopback only', () => {
    const ports = Object.values(services).flatMap(({ ports: published = [] }) => published)
    expect(ports).toHaveLength(5)
    expect(ports.filter(port => !port.startsWith('127.0.0.1:'))).toEqual([])
  })
})

describe('what Grafana is provisioned with', () => {
  const { datasources } = read('ops/grafana/provisioning/datasources/discovery.yml') as { datasources: Source[] }
  const { providers } = read('ops/grafana/provisioning/dashboards/discovery.yml') as { providers: { options: { path: string } }[] }

  it('is the dashboards, from where compose mounts them', () => {
    expect(providers.map(({ options }) => options.path)).toEqual([mounts.find(({ from }) => from === './ops/grafana/dashboards')?.to])
  })

  it('is a data source of each type that the dashboards choose from, at services and ports that there are', () => {
    expect(datasources.map(({ type }) => type)).toEqual(['prometheus', 'yesoreyeram-infinity-datasource'])
    expect(datasources.map(({ url }) => new URL(url)).filter(({ hostname }) => !(hostname in services))).toEqual([])
    expect(datasources[1]?.jsonData.allowedHosts).toEqual([datasources[1]?.url])
  })

  it('knows how often Prometheus scrapes, so that rates look back far enough', () => {
    const { global } = read('ops/prometheus/prometheus.yml') as { global: { scrape_interval: string } }
    expect(datasources[0]?.jsonData.timeInterval).toBe(global.scrape_interval)
  })
})

describe('the shipped Prometheus', () => {
  it('tells the Alertmanager of the profile full of its alerts', () => {
    const { alerting } = read('ops/prometheus/prometheus.yml') as
      { alerting: { alertmanagers: { static_configs: { targets: string[] }[] }[] } }
    const targets = alerting.alertmanagers.flatMap(({ static_configs: configs }) => configs.flatMap(config => config.targets))
    expect(targets).toEqual(['alertmanager:9093'])
    expect(services['alertmanager']?.ports).toEqual(['127.0.0.1:${ALERTMANAGER_PORT:-9093}:9093'])
  })
})
