export type Severity = 'critical' | 'warning' | 'info'

/** The dashboards that an alert can lead to. */
export type Board = 'overview' | 'service' | 'map' | 'registrations' | 'self' | 'agents'

/** An alert, for Prometheus and for people. */
export interface Alert {
  name: string
  severity: Severity
  /** PromQL; what it gives calls somebody. */
  expr: string
  /** How long it must hold before it calls. */
  for?: string
  /** One line, of what the callee's service suffers. */
  summary: string
  /** Prometheus' template: which, how much, and what to do first. */
  description: string
  board: Board
}

export interface AlertGroup {
  name: string
  says: string
  alerts: readonly Alert[]
}

/** Where runbooks are served: change it to where yours are. */
export const RUNBOOKS = 'https://discovery-metrics.example/runbooks'

/** What services are told apart by in every alert of theirs. */
export const SERVICE = 'job, namespace, service'

/** One line of an expression that is written in several. */
export function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ')
}
