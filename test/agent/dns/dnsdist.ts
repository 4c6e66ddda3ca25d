import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../broker/ports.ts'
import { DnsProcess } from './dns-process.ts'

/** dnsdist from Debian's package, with a cache, in front of the server on `upstream`, a port of loopback. */
export interface Dnsdist extends DnsProcess {
  remove(): Promise<void>
}

export async function createDnsdist({ socket, upstream }: { socket: string; upstream: number }): Promise<Dnsdist> {
  const folder = await mkdtemp(join(tmpdir(), 'dnsdist-'))
  const port = await freePort()
  const file = join(folder, 'dnsdist.conf')
  await writeFile(file, configuration({ port, socket, upstream }))
  const server = new DnsProcess(port, ['dnsdist', '--supervised', '--disable-syslog', '-C', file])
  const remove = async (): Promise<void> => {
    await server.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
  return Object.assign(server, { remove })
}

/** What an operator adds for the agent are the last four lines. */
function configuration({ port, socket, upstream }: { port: number; socket: string; upstream: number }): string {
  return `setSecurityPollSuffix("")
setLocal("127.0.0.1:${port}")
newServer({address="127.0.0.1:${upstream}"})
getPool(""):setCache(newPacketCache(1000))
fstrm = newFrameStreamUnixLogger("${socket}")
addAction(AllRule(), DnstapLogAction("dnsdist-1", fstrm))
addResponseAction(AllRule(), DnstapLogResponseAction("dnsdist-1", fstrm))
addCacheHitResponseAction(AllRule(), DnstapLogResponseAction("dnsdist-1", fstrm))
`
}
