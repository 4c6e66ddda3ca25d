import type { TLSSocket } from 'node:tls'
import type { ClientAuthType } from './go-names.ts'
import type { TlsServer } from './read.ts'

/** What a TLS server asks its clients for. What `rejectUnauthorized` does not refuse is for {@link isWelcome} to judge. */
export function requestOf(clientAuth: ClientAuthType): { requestCert: boolean; rejectUnauthorized: boolean } {
  return { requestCert: clientAuth !== 'NoClientCert', rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert' }
}

/** Whether a client whose handshake is done has the certificate that is asked for. */
export function isWelcome(socket: TLSSocket, { clientAuth, allowedSans }: Pick<TlsServer, 'clientAuth' | 'allowedSans'>): boolean {
  if (clientAuth === 'NoClientCert' || clientAuth === 'RequestClientCert') return true
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return clientAuth === 'VerifyClientCertIfGiven'
  if (clientAuth === 'RequireAnyClientCert' || clientAuth === 'RequireClientCert') return true
  return socket.authorized && (allowedSans === null || alternativeNames(certificate.subjectAltName).some(name => allowedSans.includes(name)))
}

/** `DNS:a.example, IP Address:0:0:0:0:0:0:0:1, URI:"…"` (OpenSSL's text, with what could mislead in JSON): DNS names, addresses, e-mail, URIs. */
export function alternativeNames(text: string | undefined): string[] {
  return [...(text ?? '').matchAll(/(DNS|IP Address|email|URI):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy)].map(([, kind, value = '']) => {
    const name = value.startsWith('"') ? JSON.parse(value) as string : value
    return kind === 'IP Address' && name.includes(':') ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name
  })
}
