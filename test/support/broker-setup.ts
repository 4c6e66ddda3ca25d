import type { TestProject } from 'vitest/node'
import { sparePulls } from '../../broker/docker-engine.ts'
import { findBroker } from '../../broker/find.ts'
import { runCommand } from '../../broker/run.ts'
import type { SharedBroker } from './shared-broker.ts'

/**
 * Called by vitest before the first test of each project that names this file and has tests to run, one project after the other: the first
 * one starts the broker for all.
 */
export async function setup({ vitest }: TestProject): Promise<void> {
  if ('broker' in vitest.getRootProject().getProvidedContext()) return
  // Before any test file loads testcontainers, also where the broker is no container.
  await sparePulls(process.env, runCommand)
  const broker = await findBroker({
    onProgress: (text) => {
      console.error(text)
    },
  })
  vitest.onClose(() => broker.stop())
  const shared: SharedBroker = { kind: broker.kind, brokers: broker.brokers }
  vitest.provide('broker', shared)
}
