/** What bytes from a sender can be instead of what was promised. A closed list: it is the `reason` label. */
export const wireFaultReasons = [
  'frame_too_large', 'control_frame', 'content_type', 'handshake_timeout', 'dnstap', 'dns',
] as const
export type WireFaultReason = (typeof wireFaultReasons)[number]

/** Bytes that cannot be read. Thrown by every reader of the wire, and caught where a frame or a connection is judged. */
export class WireFault extends Error {
  readonly code: WireFaultReason

  constructor(code: WireFaultReason, message: string) {
    super(message)
    this.name = 'WireFault'
    this.code = code
  }
}
