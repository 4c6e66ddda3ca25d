import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../../broker/run.ts'

const ISSUE_MS = 20_000

/** The files of a certificate and its key. */
export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
  readonly cert: string
  readonly key: string
}

export interface Wanted {
  /** Tells the files apart. */
  readonly name: string
  /** As OpenSSL writes them: `DNS:a.example`, `IP:127.0.0.1`. */
  readonly names?: readonly string[]
}

/** A certificate authority of its own, by OpenSSL, in a folder that `remove` takes away. */
export class Authority {
  readonly folder: string
  readonly root: Certificate

  private constructor(folder: string, root: Certificate) {
    this.folder = folder
    this.root = root
  }

  static async make(): Promise<Authority> {
    const folder = mkdtempSync(join(tmpdir(), 'discovery-metrics-certificates-'))
    return new Authority(folder, await issue(folder, ['-subj', '/CN=Authority'], 'authority'))
  }

  async issue({ name, names = [] }: Wanted): Promise<Certificate> {
    const { certFile, keyFile } = this.root
    const alternative = names.length === 0 ? [] : ['-addext', `subjectAltName=${names.join(',')}`]
    return issue(this.folder, ['-subj', `/CN=${name}`, '-CA', certFile, '-CAkey', keyFile, '-addext', 'basicConstraints=critical,CA:FALSE', ...alternative], name)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function issue(folder: string, args: readonly string[], name: string): Promise<Certificate> {
  const [certFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)]
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-keyout', keyFile, '-out', certFile]
  const { code, output } = await runCommand('openssl', ['req', '-x509', ...made, ...args], { timeoutMs: ISSUE_MS })
  if (code !== 0) throw new Error(`openssl made no certificate: ${output}`)
  return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
}
