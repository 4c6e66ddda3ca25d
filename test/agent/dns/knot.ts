import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../broker/ports.ts'
import { DnsProcess } from './dns-process.ts'
import { zoneFile } from './zone.ts'

/** Knot from Debian's packages, with the zone `cluster.local`. */
export interface Knot extends DnsProcess {
  remove(): Promise<void>
}

export async function createKnot({ socket }: { socket: string }): Promise<Knot> {
  const folder = await mkdtemp(join(tmpdir(), 'knot-'))
  const port = await freePort()
  const file = join(folder, 'knot.conf')
  await writeFile(join(folder, 'cluster.zone'), zoneFile)
  await writeFile(file, configuration({ folder, port, socket }))
  const server = new DnsProcess(port, ['knotd', '-c', file])
  const remove = async (): Promise<void> => {
    await server.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
  return Object.assign(server, { remove })
}

/** What an operator adds for the agent are the module and the line that makes it global. */
function configuration({ folder, port, socket }: { folder: string; port: number; socket: string }): string {
  return `server:
    rundir: "${folder}"
    listen: 127.0.0.1@${port}
    tcp-workers: 1
    udp-workers: 1
database:
    storage: "${folder}"
log:
  - target: stderr
    any: warning
mod-dnstap:
  - id: metrics
    sink: "unix:${socket}"
    log-queries: on
    log-responses: on
template:
  - id: default
    storage: "${folder}"
    global-module: mod-dnstap/metrics
zone:
  - domain: cluster.local
    file: "${folder}/cluster.zone"
    zonefile-sync: -1
`
}
