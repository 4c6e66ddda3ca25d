import { DNSTAP_CONTENT_TYPE, encodeControlFrame, type ControlFrame } from './control-frame.ts'
import { FrameReader } from './frame-reader.ts'
import { WireFault } from './wire-fault.ts'

export interface SessionOutlet {
  /** A data frame's payload, a view of what was received. */
  frame: (payload: Buffer) => void
  reply: (bytes: Buffer) => void
}

type State = 'opening' | 'accepted' | 'started' | 'stopped'

/**
 * The receiver's side of one Frame Streams connection. Bidirectional, as servers speak over sockets: READY is answered by ACCEPT, then START,
 * data and STOP, which is answered by FINISH. Unidirectional: START, data, STOP (`fstrm/reader.h` and `fstrm/writer.h` of the fstrm library).
 */
export class DnstapSession {
  readonly #frames: FrameReader
  readonly #outlet: SessionOutlet
  #state: State = 'opening'
  #isBidirectional = false

  constructor(maxFrameBytes: number, outlet: SessionOutlet) {
    this.#frames = new FrameReader(maxFrameBytes)
    this.#outlet = outlet
  }

  get state(): State {
    return this.#state
  }

  /** Throws a WireFault where the sender breaks the protocol: then the connection is of no more use. */
  receive(chunk: Buffer): void {
    for (const frame of this.#frames.push(chunk)) {
      if (frame.kind === 'control') this.#control(frame.control)
      else if (this.#state === 'started') this.#outlet.frame(frame.payload)
      else throw new WireFault('control_frame', `data came while the stream was ${this.#state}`)
    }
  }

  #control(control: ControlFrame): void {
    const { type } = control
    if (type === 'READY' && this.#state === 'opening') return this.#ready(control)
    if (type === 'START' && (this.#state === 'opening' || this.#state === 'accepted')) return this.#start(control)
    if (type === 'STOP' && this.#state === 'started') return this.#stop()
    throw new WireFault('control_frame', `${type} came while the stream was ${this.#state}`)
  }

  #ready(control: ControlFrame): void {
    expectDnstap(control)
    this.#isBidirectional = true
    this.#state = 'accepted'
    this.#outlet.reply(encodeControlFrame({ type: 'ACCEPT', contentTypes: [DNSTAP_CONTENT_TYPE] }))
  }

  #start(control: ControlFrame): void {
    expectDnstap(control)
    this.#state = 'started'
  }

  #stop(): void {
    this.#state = 'stopped'
    if (this.#isBidirectional) this.#outlet.reply(encodeControlFrame({ type: 'FINISH', contentTypes: [] }))
  }
}

/** A sender that names no content type leaves it open. */
function expectDnstap({ type, contentTypes }: ControlFrame): void {
  if (contentTypes.length === 0 || contentTypes.includes(DNSTAP_CONTENT_TYPE)) return
  throw new WireFault('content_type', `${type} offers ${contentTypes.join(', ')}, and only ${DNSTAP_CONTENT_TYPE} is understood`)
}
