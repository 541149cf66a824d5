/**
 * A stream that can be left at any time. A generator's own `return()` waits for the item that is being awaited, which may
 * never come; this one aborts the signal first. Leaving never fails: nobody is there to hear why.
 */
export function leavable<T>(
  outer: AbortSignal | undefined,
  run: (signal: AbortSignal) => AsyncGenerator<T, void>,
): AsyncIterableIterator<T, void> {
  const left = new AbortController()
  const items = run(outer ? AbortSignal.any([outer, left.signal]) : left.signal)
  return {
    next: () => items.next(),
    async return() {
      left.abort()
      await items.return().catch(() => {})
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
