// Records what CoreDNS sends by dnstap, as `coredns-VERSION.fstrm` beside this file:
//     node test/agent/dns/recorded/record.ts PATH_TO_COREDNS VERSION
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../../broker/ports.ts'
import { until } from '../../../support/until.ts'
import { dig, DnsProcess } from '../dns-process.ts'
import { Recording } from '../recording.ts'
import { zoneFile } from '../zone.ts'

const [, , binary = 'coredns', version = 'unknown'] = process.argv
const folder = await mkdtemp(join(tmpdir(), 'coredns-'))
const [sent, taken] = [join(folder, 'sent.sock'), join(folder, 'taken.sock')]
const port = await freePort()
const chunks: Buffer[] = []

/** Passes on what is sent, and keeps it. */
const between = createServer(sender => {
  const receiver = connect(taken)
  sender.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => receiver.destroy())
  receiver.on('error', () => sender.destroy())
  sender.pipe(receiver).pipe(sender)
}).listen(sent)
await once(between, 'listening')

await writeFile(join(folder, 'cluster.zone'), zoneFile)
await writeFile(join(folder, 'Corefile'), `.:${port} {
  bind 127.0.0.1
  dnstap unix://${sent} full
  file ${join(folder, 'cluster.zone')} cluster.local
  forward consul 127.0.0.1:1
}
`)
const recording = new Recording({ socket: taken })
await recording.start()
const coredns = new DnsProcess(port, [binary, '-conf', join(folder, 'Corefile')])
await coredns.start('cluster.local')
await dig(port, { name: 'cart.shop.svc.cluster.local', type: 'A', from: '127.0.0.91' })
await dig(port, { name: 'cart.shop.svc.cluster.local', type: 'AAAA', from: '127.0.0.91' })
await dig(port, { name: '_http._tcp.cart.shop.svc.cluster.local', type: 'SRV', from: '127.0.0.92' })
await dig(port, { name: 'nobody.shop.svc.cluster.local', from: '127.0.0.93' })
await dig(port, { name: 'web.shop.svc.cluster.local', from: '127.0.0.94' })
await dig(port, { name: 'cart.service.consul', from: '127.0.0.95', tries: 1 })
await dig(port, { name: 'cart.shop.svc.cluster.local', from: '127.0.0.96', flags: ['+tcp'] })
await until(() => recording.lookups.length >= 6, { message: `six look-ups, beside ${recording.told.join(', ')}`, timeoutMs: 20_000 })
await coredns.stop()
await recording.stop()
between.close()
await rm(folder, { recursive: true })
await writeFile(join(import.meta.dirname, `coredns-${version}.fstrm`), Buffer.concat(chunks))
console.log(recording.told, recording.faults)
process.exit(0)
