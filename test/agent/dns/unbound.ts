import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../broker/ports.ts'
import { DnsProcess } from './dns-process.ts'

/** Unbound from Debian's package; asks the server on `upstream`, a port of loopback, for `cluster.local`. */
export interface Unbound extends DnsProcess {
  remove(): Promise<void>
}

export async function createUnbound({ socket, upstream }: { socket: string; upstream: number }): Promise<Unbound> {
  const folder = await mkdtemp(join(tmpdir(), 'unbound-'))
  const port = await freePort()
  const file = join(folder, 'unbound.conf')
  await writeFile(file, configuration({ folder, port, socket, upstream }))
  const server = new DnsProcess(port, ['unbound', '-d', '-c', file])
  const remove = async (): Promise<void> => {
    await server.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
  return Object.assign(server, { remove })
}

/** What an operator adds for the agent is the block `dnstap`. */
function configuration({ folder, port, socket, upstream }: { folder: string; port: number; socket: string; upstream: number }): string {
  return `server:
  directory: "${folder}"
  pidfile: "${folder}/unbound.pid"
  username: ""
  chroot: ""
  use-syslog: no
  interface: 127.0.0.1
  port: ${port}
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  do-ip6: no
  module-config: "iterator"
  local-zone: "local." transparent
  domain-insecure: "cluster.local"
  infra-host-ttl: 1
forward-zone:
  name: "cluster.local"
  forward-addr: 127.0.0.1@${upstream}
dnstap:
  dnstap-enable: yes
  dnstap-socket-path: "${socket}"
  dnstap-send-identity: yes
  dnstap-log-client-query-messages: yes
  dnstap-log-client-response-messages: yes
`
}
