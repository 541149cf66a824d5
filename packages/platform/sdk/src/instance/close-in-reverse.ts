/**
 * A function that calls all closers, last first, once: who asks again waits for the same end. One that fails does not keep
 * the others from being called.
 *
 * @throws AggregateError from the function, with everything that failed
 */
export function closeInReverse(closers: readonly (() => unknown)[], message: string): () => Promise<void> {
  let closing: Promise<void> | undefined
  const close = async () => {
    const errors: unknown[] = []
    for (const closer of closers.toReversed())
      try {
        await closer()
      } catch (error) {
        errors.push(error)
      }
    if (errors.length > 0) throw new AggregateError(errors, message)
  }
  return () => {
    closing ??= close()
    return closing
  }
}
