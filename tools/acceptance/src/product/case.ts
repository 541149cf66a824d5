/** Where the product runs. */
export interface At {
  readonly url: string
}

/**
 * Something that the product does, as its users see it. A case makes people of its own, so it can run against any
 * platform that serves the product, again and again and beside others.
 */
export interface ProductCase {
  readonly name: string
  /** @throws AssertionError when the product does not do it */
  readonly run: (at: At) => Promise<void>
}
