import { kafkaImage } from '../../broker/docker.ts'
import { haveImage } from '../../broker/docker-engine.ts'
import type { ImageOptions } from '../../broker/docker-engine.ts'

export const containerTests = '**/*.container.e2e.test.ts'

/** What the container tests run on. */
export const containerImages = [kafkaImage, 'node:24-bookworm-slim', 'prom/prometheus:v3.5.0'] as const

/** Why the container tests cannot run here; undefined where they can. Pulls what is absent. */
export async function whyNoContainers(options: ImageOptions): Promise<string | undefined> {
  for (const image of containerImages) {
    const answer = await haveImage(image, options)
    if (!answer.available) return answer.reason
  }
  return undefined
}
