import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { RegistryClient } from '../../src/kafka/registry-client.ts'
import { FakeRegistry } from './fake-registry.ts'

it('a schema registry is asked over TLS, if its certificate is of an authority that we are told, and shown ours', async () => {
  const { cert, key } = certificate()
  const [ca, stranger] = [cert, certificate().cert]
  const server = await new FakeRegistry({ cert, key, ca, requestCert: true, rejectUnauthorized: true }).start()
  onTestFinished(() => server.stop())
  server.answers.set(1, { schema: '"string"' })
  const access = { url: server.url, username: '', password: () => '', ca, cert, key }
  expect(await new RegistryClient(access).ask(1)).toEqual({ schema: '"string"' })
  await expect(new RegistryClient({ ...access, ca: stranger }).ask(1)).rejects.toThrow(/certificate/)
  await expect(new RegistryClient({ ...access, cert: '', key: '' }).ask(1)).rejects.toThrow(/cannot be asked for schema 1: /)
  expect(server.asked).toEqual([1])
})

/** One that is its own authority, for both sides. */
function certificate(): { cert: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'registry-'))
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...subject], {
    stdio: 'ignore',
  })
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
}
