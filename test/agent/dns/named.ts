import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../broker/ports.ts'
import { DnsProcess } from './dns-process.ts'
import { zoneFile } from './zone.ts'

/** BIND 9 from Debian's package, with the zone `cluster.local`; updates are accepted from 127.0.0.1 alone. */
export interface Named extends DnsProcess {
  /** Where it sends dnstap. */
  readonly socket: string
  readonly folder: string
  remove(): Promise<void>
}

/** Prepares one that is not started yet. */
export async function createNamed(): Promise<Named> {
  const folder = await mkdtemp(join(tmpdir(), 'named-'))
  const port = await freePort()
  const socket = join(folder, 'dnstap.sock')
  await writeFile(join(folder, 'cluster.zone'), zoneFile)
  await writeFile(join(folder, 'named.conf'), configuration(folder, port))
  const server = new DnsProcess(port, ['named', '-g', '-n', '2', '-c', join(folder, 'named.conf')])
  const remove = async (): Promise<void> => {
    await server.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
  return Object.assign(server, { socket, folder, remove })
}

/** What an operator adds for the agent are the last four lines of the options. */
function configuration(folder: string, port: number): string {
  return `options {
  directory "${folder}"; pid-file "${folder}/named.pid"; session-keyfile "${folder}/session.key"; lock-file none;
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; notify no; minimal-responses yes;
  dnstap { client; auth; update; };
  dnstap-output unix "${folder}/dnstap.sock";
  fstrm-set-reopen-interval 1;
  fstrm-set-input-queue-size 16384;
};
controls {};
zone "cluster.local" { type primary; file "cluster.zone"; allow-update { 127.0.0.1; }; };
`
}
