/** A contract cannot be made a package; the message says where, why, and what to do. */
export class PackageError extends Error {
  override readonly name = 'PackageError'
}
