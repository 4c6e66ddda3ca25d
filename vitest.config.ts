import { configDefaults, defineConfig } from 'vitest/config'

const integration = 'test/**/*.int.test.ts'
const endToEnd = 'test/**/*.e2e.test.ts'
/** Starts the one broker that these projects share, and only where one of them has a test to run. */
const globalSetup = 'test/support/broker-setup.ts'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'pure',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, integration, endToEnd],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'int',
          include: [integration],
          globalSetup,
          testTimeout: 60_000,
          hookTimeout: 90_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: [endToEnd],
          globalSetup,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
