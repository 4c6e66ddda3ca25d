import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import kafkajs, { Kafka, logLevel, type AclEntry, type Admin } from 'kafkajs'
import { securedBroker, type SecuredBroker } from '../../../broker/java.ts'
import { runCommand } from '../../../broker/run.ts'
import { Authority } from '../../support/certificates.ts'
import { ensureTools } from '../../support/toolchain.ts'
import { TokenServer } from './token-server.ts'

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
  readonly tokens: TokenServer

  private constructor(broker: SecuredBroker, authority: Authority, tokens: TokenServer) {
    this.broker = broker
    this.tokens = tokens
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
    const tokens = new TokenServer(PASSWORD)
    await tokens.start()
    const settings = settingsOf(users, tokens.keysUrl, { chain: server.cert, key: server.key, authority: authority.root.cert })
    const context = { env: process.env, onProgress: () => undefined }
    const broker = await securedBroker(runCommand, context, {
      listeners: { SECURE: 'SASL_SSL', CERTIFIED: 'SSL' }, settings,
      // Kafka asks no address for keys that it was not allowed (CVE-2025-27817).
      properties: { 'org.apache.kafka.sasl.oauthbearer.allowed.urls': tokens.keysUrl },
      scram: users.flatMap(name => [256, 512].map(bits => `SCRAM-SHA-${bits}=[name=${name},password=${PASSWORD}]`)),
    })
    const kafka = new SecuredKafka(broker, authority, tokens)
    await kafka.admin.connect()
    return kafka
  }

  /** How a user comes in. `token`: what is in the file of `token-file`. */
  flags(user: string, mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512' | 'token-file' | 'token-url' | 'certificate', token = this.tokens.token(user)): string[] {
    const { folder, root } = this.authority
    const tls = ['--kafka.tls.enabled', `--kafka.tls.ca-file=${root.certFile}`]
    if (mechanism === 'certificate') {
      const own = [`--kafka.tls.cert-file=${join(folder, `${user}.crt`)}`, `--kafka.tls.key-file=${join(folder, `${user}.key`)}`]
      return [`--kafka.brokers=${this.broker.addresses['CERTIFIED'] ?? ''}`, ...tls, ...own]
    }
    const secure = [`--kafka.brokers=${this.broker.addresses['SECURE'] ?? ''}`, ...tls]
    if (mechanism === 'token-file') {
      const file = join(folder, `${user}.token`)
      writeFileSync(file, token)
      return [...secure, '--kafka.sasl.mechanism=oauthbearer', `--kafka.sasl.token-file=${file}`]
    }
    const login = [`--kafka.sasl.username=${user}`, `--kafka.sasl.password-file=${this.passwordFile}`]
    if (mechanism === 'token-url') return [...secure, ...login, '--kafka.sasl.mechanism=oauthbearer', `--kafka.sasl.token-url=${this.tokens.tokenUrl}`]
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
    this.tokens.stop()
    await this.admin.disconnect()
    await this.broker.stop()
    this.authority.remove()
  }
}

function settingsOf(users: readonly string[], keysUrl: string, { chain, key, authority }: { chain: string; key: string; authority: string }): Record<string, string> {
  const modules = 'org.apache.kafka.common.security'
  return {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    'listener.name.secure.plain.sasl.jaas.config': `${modules}.plain.PlainLoginModule required ${users.map(name => `user_${name}="${PASSWORD}"`).join(' ')};`,
    'listener.name.secure.scram-sha-256.sasl.jaas.config': `${modules}.scram.ScramLoginModule required;`,
    'listener.name.secure.scram-sha-512.sasl.jaas.config': `${modules}.scram.ScramLoginModule required;`,
    'listener.name.secure.oauthbearer.sasl.jaas.config': `${modules}.oauthbearer.OAuthBearerLoginModule required;`,
    'listener.name.secure.oauthbearer.sasl.server.callback.handler.class': `${modules}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
    'sasl.oauthbearer.jwks.endpoint.url': keysUrl,
    // Without it Kafka 4.1.0 reads tokens as clients do, and checks no signature.
    'sasl.oauthbearer.jwt.validator.class': `${modules}.oauthbearer.BrokerJwtValidator`,
    'listener.name.secure.connections.max.reauth.ms': String(SESSION_MS),
    'ssl.keystore.type': 'PEM', 'ssl.keystore.certificate.chain': chain, 'ssl.keystore.key': key,
    'ssl.truststore.type': 'PEM', 'ssl.truststore.certificates': authority,
    'listener.name.certified.ssl.client.auth': 'required',
    'listener.name.certified.ssl.principal.mapping.rules': 'RULE:^CN=(.*?)$/$1/,DEFAULT',
  }
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
