import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common'

/** Type of the Prometheus data source, which Grafana has. */
export const PROMETHEUS = 'prometheus'
/** Type of the Infinity data source, which is installed as a plug-in. */
export const INFINITY = 'yesoreyeram-infinity-datasource'

/** The data sources that the variables of a dashboard choose. */
export const prometheusSource: DataSourceRef = { type: PROMETHEUS, uid: '${datasource}' }
export const apiSource: DataSourceRef = { type: INFINITY, uid: '${api}' }
