/** A file that says what should run is wrong. The message has the file, the field and the remedy. */
export class PlacementError extends Error {
  override readonly name = 'PlacementError'
}
