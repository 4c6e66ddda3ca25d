/** How long a replica may believe that it owns what it was given. Times are milliseconds. */
export interface OwnershipClock {
  /** Wall clock, since the epoch. It jumps. */
  wall: () => number
  /** Monotonic. On some systems it stands still while the machine sleeps. */
  monotonic: () => number
}

/**
 * Whether this replica may speak for its partitions: from its assignment on, until it asks to join again, and only while the last
 * heartbeat answered without error was sent less than a session timeout ago, by both clocks. The group gives a partition to nobody else
 * before that, so no two replicas ever show one series.
 */
export class Ownership {
  readonly #sessionTimeout: number
  readonly #clock: OwnershipClock
  #joined = false
  #sent = { wall: 0, monotonic: 0 }

  constructor(sessionTimeout: number, clock: OwnershipClock) {
    this.#sessionTimeout = sessionTimeout
    this.#clock = clock
  }

  /** Assigned; the group's answer to a request sent `ago` milliseconds before now. */
  joined(ago: number): void {
    this.#joined = true
    this.heartbeat(ago)
  }

  /** About to ask to join, or gone: others may be given what was ours. */
  left(): void {
    this.#joined = false
  }

  /** A heartbeat that was sent `ago` milliseconds before now has been answered without error. */
  heartbeat(ago: number): void {
    this.#sent = { wall: this.#clock.wall() - ago, monotonic: this.#clock.monotonic() - ago }
  }

  holds(): boolean {
    const { wall, monotonic } = this.#sent
    const age = Math.max(Math.abs(this.#clock.wall() - wall), this.#clock.monotonic() - monotonic)
    return this.#joined && age < this.#sessionTimeout
  }
}
