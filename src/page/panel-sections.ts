import type { GraphEdge, Instance, ServiceDetail, ServiceName } from './api-types.ts'
import { element, linkButton } from './element.ts'
import { isUnhealthy } from './picture-elements.ts'
import { shadeOf } from './shades.ts'
import { agoText, countOf, countText, ratioText, rateText, secondsText } from './units.ts'

interface Site {
  open: (name: ServiceName) => void
  /** Milliseconds since the epoch. */
  now: number
}

const MOST_LISTED = 50

export function panelSections(detail: ServiceDetail, site: Site): HTMLElement[] {
  return [
    healthSection(detail), findingsSection(detail), lookupsSection(detail),
    edgesSection('Dependents', 'Nobody looks it up.', { ...site, edges: detail.dependents, other: clientOf }),
    edgesSection('Dependencies', 'It looks up nobody.', { ...site, edges: detail.dependencies, other: serverOf }),
    versionsSection(detail, site), instancesSection(detail, site),
  ].filter(made => made !== null)
}

function section(title: string, children: readonly (Node | string)[]): HTMLElement {
  return element('section', {}, [element('h3', {}, [title]), ...children])
}

function healthSection({ known, registered, instances }: ServiceDetail): HTMLElement | null {
  if (!known) return section('Who is this', [element('p', {}, ['Clients whose agents did not say which service they are.'])])
  if (!registered) return section('Health', [element('p', { class: 'note' }, ['Looked up or looking up, but no agent has reported a registration of it.'])])
  const live = Object.entries(instances).filter(([, count]) => count > 0)
  const passing = instances['passing'] ?? 0
  const word = isUnhealthy({ kind: 'service', registered, passing }) ? 'No instance passes' : `${countOf(passing, 'instance')} passing`
  const others = live.filter(([status]) => status !== 'passing').map(([status, count]) => `${countText(count)} ${status}`)
  return section('Health', [element('p', { class: passing === 0 ? 'shade bad' : 'shade good' }, [[word, ...others].join(', ')])])
}

function findingsSection({ findings }: ServiceDetail): HTMLElement | null {
  if (findings.length === 0) return null
  return section('Findings', [element('ul', { class: 'findings' }, findings.map(({ kind, message }) =>
    element('li', {}, [element('strong', {}, [kind.replaceAll('_', ' ')]), ` ${message}`])))])
}

function lookupsSection({ lookups }: ServiceDetail): HTMLElement {
  const { ratePerSecond, errorRatio, cacheHitRatio, p50Seconds, p95Seconds, p99Seconds, total, failures } = lookups
  const facts: [string, string, string?][] = [
    ['Look-ups', rateText(ratePerSecond)],
    ['Failed', ratioText(errorRatio), shadeOf({ errorRatio, p95Seconds }, 'errors')],
    ['From a cache', ratioText(cacheHitRatio)],
    ['Time p50', secondsText(p50Seconds)],
    ['Time p95', secondsText(p95Seconds), shadeOf({ errorRatio, p95Seconds }, 'latency')],
    ['Time p99', secondsText(p99Seconds)],
    ['In all', countText(total)],
    ['Failed in all', countText(failures)],
  ]
  return section('Look-ups of it, over 5 min', [element('dl', { class: 'facts' }, facts.map(([name, value, shade]) =>
    element('div', {}, [element('dt', {}, [name]), element('dd', shade === undefined ? {} : { class: `shade ${shade}` }, [value])])))])
}

interface EdgeSite extends Site {
  edges: readonly GraphEdge[]
  other: (edge: GraphEdge) => ServiceName
}

function whenText({ active, firstSeen, lastSeen }: GraphEdge, now: number): string {
  if (lastSeen === null) return `declared ${agoText(firstSeen, now)}, not looked up yet`
  return active ? `since ${agoText(firstSeen, now)}` : `idle, last ${agoText(lastSeen, now)}`
}

function edgesSection(title: string, none: string, { edges, other, open, now }: EdgeSite): HTMLElement {
  if (edges.length === 0) return section(title, [element('p', { class: 'note' }, [none])])
  const busiest = edges.toSorted((a, b) => b.ratePerSecond - a.ratePerSecond)
  const items = busiest.slice(0, MOST_LISTED).map(edge => {
    const name = other(edge)
    const facts = [rateText(edge.ratePerSecond), `${ratioText(edge.errorRatio)} failed`, `p95 ${secondsText(edge.p95Seconds)}`]
    return element('li', { class: `shade ${shadeOf(edge, 'errors')}` }, [
      linkButton(name.service, () => open(name)), element('span', { class: 'note' }, [` ${[...facts, whenText(edge, now)].join(' · ')}`]),
    ])
  })
  const more = edges.length - items.length
  return section(`${title} (${edges.length})`, [
    element('ul', { class: 'edges' }, items), ...more > 0 ? [element('p', { class: 'note' }, [`and ${countText(more)} more`])] : [],
  ])
}

function clientOf({ clientNamespace, client }: GraphEdge): ServiceName {
  return { namespace: clientNamespace, service: client }
}

function serverOf({ namespace, service }: GraphEdge): ServiceName {
  return { namespace, service }
}

function versionsSection({ versions, lastDeployment }: ServiceDetail, { now }: Site): HTMLElement | null {
  if (versions.length === 0) return null
  const newest = versions.toSorted((a, b) => Date.parse(b.firstSeen) - Date.parse(a.firstSeen)).slice(0, MOST_LISTED)
  const items = newest.map(({ version, instances, firstSeen }) =>
    element('li', {}, [element('code', {}, [version]), ` ${countOf(instances, 'instance')}, first seen ${agoText(firstSeen, now)}`]))
  return section('Versions', [element('p', { class: 'note' }, [`Last deployment ${agoText(lastDeployment, now)}`]), element('ul', {}, items)])
}

function instancesSection({ liveInstances }: ServiceDetail, { now }: Site): HTMLElement | null {
  if (liveInstances.length === 0) return null
  const items = liveInstances.slice(0, MOST_LISTED).map((each: Instance) => {
    const facts = [each.status, each.version, each.zone, each.address].filter(fact => fact !== '').join(' · ')
    return element('li', {}, [element('code', {}, [each.instance]), element('span', { class: 'note' }, [` ${facts}, seen ${agoText(each.lastSeen, now)}`])])
  })
  const more = liveInstances.length - items.length
  return section(`Instances (${liveInstances.length})`, [
    element('ul', {}, items), ...more > 0 ? [element('p', { class: 'note' }, [`and ${countText(more)} more`])] : [],
  ])
}
