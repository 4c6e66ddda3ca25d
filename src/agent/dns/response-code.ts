import type { ErrorCategory } from '../../contract/events.ts'

/** Response codes by number, as IANA's DNS parameters name them, and what kind of failure each is. */
const codes = new Map<number, [name: string, category: ErrorCategory]>([
  [1, ['FORMERR', 'INVALID']], [2, ['SERVFAIL', 'INTERNAL']], [3, ['NXDOMAIN', 'NOT_FOUND']], [4, ['NOTIMP', 'INVALID']],
  [5, ['REFUSED', 'UNAUTHORIZED']], [6, ['YXDOMAIN', 'CONFLICT']], [7, ['YXRRSET', 'CONFLICT']], [8, ['NXRRSET', 'CONFLICT']],
  [9, ['NOTAUTH', 'UNAUTHORIZED']], [10, ['NOTZONE', 'INVALID']], [16, ['BADVERS', 'INVALID']], [23, ['BADCOOKIE', 'INVALID']],
])

export const NOERROR = 0

export interface Failure {
  errorCategory: ErrorCategory
  /** As DNS names it. */
  errorCode: string
}

/** What a response code other than NOERROR means. */
export function failureOf(rcode: number): Failure {
  const [errorCode, errorCategory] = codes.get(rcode) ?? [`RCODE${rcode}`, 'OTHER']
  return { errorCode, errorCategory }
}

/** Nobody answered. */
export const noAnswer: Failure = { errorCategory: 'TIMEOUT', errorCode: 'TIMEOUT' }
