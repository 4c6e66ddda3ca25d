import { once } from 'node:events'
import { chmod, lstat, unlink } from 'node:fs/promises'
import { connect, type Server } from 'node:net'

/** Where DNS servers connect to. `mode`: the socket's permissions, such as 0o660: who may write to it may send. */
export type DnstapAddress = { path: string; mode: number } | { host: string | undefined; port: number }

/** An address that cannot be listened on. The message says which, why, and what to do. */
export class ListenError extends Error {
  readonly code: 'SOCKET_IN_USE' | 'NOT_A_SOCKET' | 'LISTEN_FAILED'

  constructor(code: ListenError['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'ListenError'
    this.code = code
  }
}

export function addressText(address: DnstapAddress): string {
  return 'path' in address ? `unix:${address.path}` : `${address.host ?? ''}:${address.port}`
}

/** Resolves once the server listens. A socket that a dead process left behind is taken away first. Rejects with a ListenError. */
export async function listenAt(server: Server, address: DnstapAddress): Promise<void> {
  if ('path' in address) await clearSocket(address.path)
  try {
    server.listen('path' in address ? { path: address.path } : { host: address.host, port: address.port })
    await once(server, 'listening')
    if ('path' in address) await chmod(address.path, address.mode)
  } catch (cause) {
    server.close()
    const say = `cannot listen on ${addressText(address)} (${String(cause)}): see to its folder, its permissions and who else uses it`
    throw new ListenError('LISTEN_FAILED', say, cause)
  }
}

async function clearSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  if (!found.isSocket()) throw new ListenError('NOT_A_SOCKET', `${path} is no socket and stays as it is: choose another path`)
  if (await answers(path)) throw new ListenError('SOCKET_IN_USE', `another process listens on ${path}: stop it, or choose another path`)
  await unlink(path).catch(() => undefined)
}

function answers(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const probe = connect({ path })
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}
