/** The counts are wrong, or were. */
export class Violation extends Error {
  override readonly name = 'Violation'
}
