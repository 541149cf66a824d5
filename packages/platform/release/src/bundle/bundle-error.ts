/** A servlet cannot be bundled; the message says where, why, and what to do. */
export class BundleError extends Error {
  override readonly name = 'BundleError'
}
