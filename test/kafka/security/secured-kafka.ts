import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import kafkajs, { Kafka, logLevel, type AclEntry, type Admin } from 'kafkajs'
import { securedBroker, type SecuredBroker } from '../../../broker/java.ts'
import { runCommand } from '../../../broker/run.ts'
import { Authority } from '../../support/certificates.ts'
import { ensureTools } from '../../support/toolchain.ts'

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs

/** What somebody may do: `topic:discovery.lookups.v1` or `topic:discovery.*` → operations, as docs/kafka-security.md names them. */
export interface Grant {
  readonly resource: string
  readonly operation: string
}

const PASSWORD = 'correct horse'
/** After this a session ends that has not authenticated anew (KIP-368). kafkajs does so ten seconds before. */
export const SESSION_MS = 12_000

/** A real broker with TLS, SASL and Kafka's own authorizer, which allows nothing that was not granted. */
export class SecuredKafka {
  readonly broker: SecuredBroker
  readonly authority: Authority
  readonly admin: Admin
  readonly passwordFile: string
  readonly password = PASSWORD
  /** Bodies. */
  readonly tokenRequests: string[] = []
  tokenUrl = ''
  #stopTokens: () => void = () => {}

  private constructor(broker: SecuredBroker, authority: Authority) {
    this.broker = broker
    this.authority = authority
    this.admin = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING }).admin()
    this.passwordFile = join(authority.folder, 'password')
    writeFileSync(this.passwordFile, `${PASSWORD}\n`)
  }

  /** `users` can log in by every mechanism, and have a certificate (`CN=name`) each. */
  static async start(users: readonly string[]): Promise<SecuredKafka> {
    await ensureTools(['java', 'mvn', 'openssl'])
    const authority = await Authority.make()
    const server = await authority.issue({ name: 'server', names: ['IP:127.0.0.1', 'DNS:kafka.example'] })
    for (const name of users) await authority.issue({ name })
    const settings = settingsOf(users, { chain: server.cert, key: server.key, authority: authority.root.cert })
    const context = { env: process.env, onProgress: () => undefined }
    const broker = await securedBroker(runCommand, context, {
      listeners: { SECURE: 'SASL_SSL', CERTIFIED: 'SSL' }, settings,
      scram: users.flatMap(name => [256, 512].map(bits => `SCRAM-SHA-${bits}=[name=${name},password=${PASSWORD}]`)),
    })
    const kafka = new SecuredKafka(broker, authority)
    await kafka.admin.connect()
    await kafka.#serveTokens()
    return kafka
  }

  /** How a user comes in. `file`: writes a file of its own. */
  flags(user: string, mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512' | 'token-file' | 'token-url' | 'certificate'): string[] {
    const { folder, root } = this.authority
    const tls = ['--kafka.tls.enabled', `--kafka.tls.ca-file=${root.certFile}`]
    if (mechanism === 'certificate') {
      const own = [`--kafka.tls.cert-file=${join(folder, `${user}.crt`)}`, `--kafka.tls.key-file=${join(folder, `${user}.key`)}`]
      return [`--kafka.brokers=${this.broker.addresses['CERTIFIED'] ?? ''}`, ...tls, ...own]
    }
    const secure = [`--kafka.brokers=${this.broker.addresses['SECURE'] ?? ''}`, ...tls]
    if (mechanism === 'token-file') {
      const file = join(folder, `${user}.token`)
      writeFileSync(file, unsecuredToken(user))
      return [...secure, '--kafka.sasl.mechanism=oauthbearer', `--kafka.sasl.token-file=${file}`]
    }
    const login = [`--kafka.sasl.username=${user}`, `--kafka.sasl.password-file=${this.passwordFile}`]
    if (mechanism === 'token-url') return [...secure, ...login, '--kafka.sasl.mechanism=oauthbearer', `--kafka.sasl.token-url=${this.tokenUrl}`]
    return [...secure, ...login, `--kafka.sasl.mechanism=${mechanism}`]
  }

  async grant(user: string, grants: readonly Grant[]): Promise<void> {
    await this.admin.createAcls({ acl: grants.map(each => aclOf(user, each)) })
  }

  async revoke(user: string, grants: readonly Grant[]): Promise<void> {
    await this.admin.deleteAcls({ filters: grants.map(each => aclOf(user, each)) })
  }

  /** Sends a record by the address that asks nobody who they are. */
  async sendPlain(topic: string, value: string): Promise<void> {
    const producer = new Kafka({ brokers: this.broker.brokers, logLevel: logLevel.NOTHING }).producer()
    await producer.connect()
    await producer.send({ topic, messages: [{ value }] })
    await producer.disconnect()
  }

  async stop(): Promise<void> {
    this.#stopTokens()
    await this.admin.disconnect()
    await this.broker.stop()
    this.authority.remove()
  }

  /** A token endpoint: whoever knows the password gets a token of his name. */
  async #serveTokens(): Promise<void> {
    const server = createServer((req, res) => {
      void this.#answerToken(req).then(answer => res.writeHead(answer === null ? 401 : 200).end(JSON.stringify(answer)))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    this.tokenUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
    this.#stopTokens = () => { server.close() }
  }

  async #answerToken(req: IncomingMessage): Promise<object | null> {
    this.tokenRequests.push(await text(req))
    const [user = '', password] = Buffer.from((req.headers.authorization ?? '').slice('Basic '.length), 'base64').toString().split(':')
    return password === PASSWORD.replace(' ', '+') ? { access_token: unsecuredToken(user), token_type: 'Bearer', expires_in: 3_600 } : null
  }
}

function settingsOf(users: readonly string[], { chain, key, authority }: { chain: string; key: string; authority: string }): Record<string, string> {
  const modules = 'org.apache.kafka.common.security'
  return {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    'listener.name.secure.plain.sasl.jaas.config': `${modules}.plain.PlainLoginModule required ${users.map(name => `user_${name}="${PASSWORD}"`).join(' ')};`,
    'listener.name.secure.scram-sha-256.sasl.jaas.config': `${modules}.scram.ScramLoginModule required;`,
    'listener.name.secure.scram-sha-512.sasl.jaas.config': `${modules}.scram.ScramLoginModule required;`,
    'listener.name.secure.oauthbearer.sasl.jaas.config': `${modules}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
    'listener.name.secure.connections.max.reauth.ms': String(SESSION_MS),
    'ssl.keystore.type': 'PEM', 'ssl.keystore.certificate.chain': chain, 'ssl.keystore.key': key,
    'ssl.truststore.type': 'PEM', 'ssl.truststore.certificates': authority,
    'listener.name.certified.ssl.client.auth': 'required',
    'listener.name.certified.ssl.principal.mapping.rules': 'RULE:^CN=(.*?)$/$1/,DEFAULT',
  }
}

/** As Kafka's unsecured validator takes it (RFC 7515, appendix A.5). */
function unsecuredToken(subject: string): string {
  const now = Math.floor(Date.now() / 1_000)
  const parts = [{ alg: 'none' }, { sub: subject, iat: now, exp: now + 3_600 }]
  return `${parts.map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`
}

const resourceTypes = { topic: AclResourceTypes.TOPIC, group: AclResourceTypes.GROUP, cluster: AclResourceTypes.CLUSTER } as const

function aclOf(user: string, { resource, operation }: Grant): AclEntry {
  const [type = '', name = ''] = resource.split(':')
  const isPrefix = name.endsWith('*')
  return {
    resourceType: resourceTypes[type as keyof typeof resourceTypes],
    resourceName: type === 'cluster' ? 'kafka-cluster' : isPrefix ? name.slice(0, -1) : name,
    resourcePatternType: isPrefix ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
    principal: `User:${user}`, host: '*', permissionType: AclPermissionTypes.ALLOW,
    operation: AclOperationTypes[operation.toUpperCase() as keyof typeof AclOperationTypes],
  }
}
