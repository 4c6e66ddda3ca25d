import kafkajs, { type Mechanism } from 'kafkajs'

const SEPARATOR = '\u0001'
/** Before what either side says. */
const SIZE_BYTES = 4

/**
 * Logs in by a bearer token (RFC 7628, section 3.1), as kafkajs 2.2.4 does, and hears what the broker says to it: a refusal is an answer with
 * something in it (section 3.2.2), which kafkajs takes for success, and then only sees that the connection ends.
 */
export function oauthLogin(token: () => Promise<string>): Mechanism['authenticationProvider'] {
  return ({ saslAuthenticate }) => ({
    authenticate: async () => {
      try {
        const message = Buffer.from(`n,,${SEPARATOR}auth=Bearer ${await token()}${SEPARATOR}${SEPARATOR}`)
        const said = await saslAuthenticate<string>({
          request: { encode: () => Promise.resolve(Buffer.concat([sizeOf(message), message])) },
          response: { decode: bytes => bytes.subarray(SIZE_BYTES), parse: bytes => bytes.toString() },
        })
        if (typeof said === 'string' && said !== '') throw new Error(`the broker says ${said}`)
      } catch (error) {
        throw new kafkajs.KafkaJSNonRetriableError(`SASL OAUTHBEARER authentication failed: ${error instanceof Error ? error.message : String(error)}`)
      }
    },
  })
}

function sizeOf(bytes: Buffer): Buffer {
  const size = Buffer.alloc(SIZE_BYTES)
  size.writeInt32BE(bytes.length)
  return size
}
