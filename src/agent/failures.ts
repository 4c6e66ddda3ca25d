import type { ErrorCategory, LookupEvent } from '../contract/events.ts'

/** What a look-up came to. */
export type Ending = Pick<LookupEvent, 'outcome' | 'errorCategory' | 'errorCode' | 'instances'>

/** getaddrinfo says `ENOTFOUND` of a name that does not exist and of one without addresses alike. */
const AMBIGUOUS = 'getaddrinfo'

/** c-ares' codes as node gives them (`node:dns`, "Error codes"), and how the DNS itself calls them (RFC 1035, section 4.1.1). */
const responseCodes = new Map<string, [ErrorCategory, string]>([
  ['ENOTFOUND', ['NOT_FOUND', 'NXDOMAIN']],
  ['ESERVFAIL', ['INTERNAL', 'SERVFAIL']],
  ['EREFUSED', ['UNAUTHORIZED', 'REFUSED']],
])

const categories = new Map<string, ErrorCategory>(Object.entries({
  ETIMEOUT: 'TIMEOUT', ETIMEDOUT: 'TIMEOUT', TimeoutError: 'TIMEOUT',
  ECONNREFUSED: 'CONNECTION', ECONNRESET: 'CONNECTION', EHOSTUNREACH: 'CONNECTION', ENETUNREACH: 'CONNECTION', EPIPE: 'CONNECTION',
  // getaddrinfo's "no answer for now": the server failed, or did not answer.
  EAI_AGAIN: 'TIMEOUT',
  ECANCELLED: 'CANCELLED', ABORT_ERR: 'CANCELLED', AbortError: 'CANCELLED',
} as const))

/** How a look-up that failed is told. No data (`ENODATA`) is an answer: the name exists and nothing usable is there. */
export function endingOf(error: unknown): Ending {
  const code = codeOf(error)
  if (code === 'ENODATA') return { outcome: 'EMPTY', errorCategory: 'NONE', errorCode: '', instances: 0 }
  if (code === 'ENOTFOUND' && isFrom(error, AMBIGUOUS)) return failure('NOT_FOUND', code)
  const [errorCategory, errorCode] = responseCodes.get(code) ?? [categories.get(code) ?? 'OTHER', code]
  return failure(errorCategory, errorCode)
}

function failure(errorCategory: ErrorCategory, errorCode: string): Ending {
  return { outcome: 'FAILURE', errorCategory, errorCode, instances: -1 }
}

function isFrom(error: unknown, syscall: string): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === syscall
}

/** How a look-up that was answered is told. `instances`: -1 where the answer's size is not known. */
export function endingWith(instances: number): Ending {
  return { outcome: instances === 0 ? 'EMPTY' : 'SUCCESS', errorCategory: 'NONE', errorCode: '', instances }
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  const { code, name } = error as { code?: unknown; name?: unknown }
  // A DOMException's code is a number from the days of enums; its name says it.
  const told = typeof code === 'string' ? code : name
  return typeof told === 'string' ? told.slice(0, 64) : ''
}
