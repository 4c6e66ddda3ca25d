import { parentPort, workerData } from 'node:worker_threads'

// Asks one path after the other, as a thread of its own, and tells how long each whole answer took, in milliseconds.

const { url, paths } = workerData as { url: string; paths: readonly string[] }
const millis: number[] = []
let bytes = 0
for (const path of paths) {
  const began = performance.now()
  const answer = await fetch(url + path)
  const body = await answer.arrayBuffer()
  millis.push(performance.now() - began)
  bytes = Math.max(bytes, body.byteLength)
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${Buffer.from(body).toString()}`)
}
parentPort?.postMessage({ millis, bytes }, [])
