/** Why an answer did not come. A closed list. */
export type ApiFault = 'unreachable' | 'refused'

/** `refused`: the replica answered with a problem (RFC 9457), whose status and detail are given. */
export class ApiError extends Error {
  readonly code: ApiFault
  readonly status: number
  constructor(code: ApiFault, message: string, { status = 0, ...options }: ErrorOptions & { status?: number } = {}) {
    super(message, options)
    this.code = code
    this.status = status
  }
}

export const WAIT_MS = 20_000

/** The JSON at a path of this replica. Rejects with an ApiError; the reason of `signal` if that aborts. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await answered(path, signal)
  if (response.ok) return await response.json() as T
  const problem = await response.json().catch(() => ({})) as { detail?: string }
  throw new ApiError('refused', problem.detail ?? `${path} was answered with status ${response.status}`, { status: response.status })
}

async function answered(path: string, signal?: AbortSignal): Promise<Response> {
  const timeout = AbortSignal.timeout(WAIT_MS)
  try {
    return await fetch(path, { signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]) })
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new ApiError('unreachable', 'This replica does not answer.', { cause: error })
  }
}
