import { addressBytes } from './address.ts'

export interface Network {
  bytes: Buffer
  prefix: number
}

/** `10.1.0.0/16`, `fd00::/8`, or a single address. Throws an Error that says what is wrong with the text. */
export function parseNetwork(text: string): Network {
  const [address = '', length, ...more] = text.split('/')
  const bytes = addressBytes(address)
  if (bytes === undefined || more.length > 0) throw new Error(`'${text}' is no address and no CIDR such as 10.1.0.0/16`)
  const prefix = length === undefined ? bytes.length * 8 : Number(length)
  if (!/^\d{1,3}$/.test(length ?? '0') || prefix > bytes.length * 8) throw new Error(`'${text}' has a prefix that is not 0 to ${bytes.length * 8}`)
  return { bytes, prefix }
}

/** Values by network; the longest prefix that an address is in wins. Takes as many steps as there are different lengths. */
export class NetworkMap<T> {
  readonly #byPrefix = new Map<string, { prefix: number; bytes: number; values: Map<string, T> }>()

  /** Of two values for one network the first stays. */
  constructor(entries: readonly { network: Network; value: T }[]) {
    for (const { network: { bytes, prefix }, value } of entries.toSorted((a, b) => b.network.prefix - a.network.prefix)) {
      const group = this.#byPrefix.get(`${bytes.length}/${prefix}`) ?? { prefix, bytes: bytes.length, values: new Map<string, T>() }
      this.#byPrefix.set(`${bytes.length}/${prefix}`, group)
      const key = masked(bytes, prefix)
      if (!group.values.has(key)) group.values.set(key, value)
    }
  }

  find(address: Buffer): T | undefined {
    for (const { prefix, bytes, values } of this.#byPrefix.values()) {
      if (bytes !== address.length) continue
      const value = values.get(masked(address, prefix))
      if (value !== undefined) return value
    }
    return undefined
  }
}

function masked(bytes: Buffer, prefix: number): string {
  const whole = Math.floor(prefix / 8)
  const rest = (bytes[whole] ?? 0) & (0xff00 >> (prefix % 8))
  return bytes.toString('latin1', 0, whole) + (prefix % 8 === 0 ? '' : String.fromCharCode(rest))
}
