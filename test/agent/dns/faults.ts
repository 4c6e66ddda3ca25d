import { WireFault } from '../../../src/agent/dnstap/wire-fault.ts'

/** What came of it: `read`, or the code of the WireFault. Anything else is thrown on. */
export function outcomeOf(read: () => unknown): string {
  try {
    read()
    return 'read'
  } catch (error) {
    if (error instanceof WireFault) return error.code
    throw error
  }
}
