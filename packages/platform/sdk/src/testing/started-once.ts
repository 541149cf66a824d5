import type { Instance } from '../instance/instance.ts'

/**
 * Starts a servlet when it is first called for. What starts first is a caller of what starts later, so it is put where
 * `closeInReverse` comes to it before them.
 */
export function startedOnce(
  start: () => Promise<Instance>,
  closers: (() => Promise<void>)[],
): () => Promise<Instance> {
  let starting: Promise<Instance> | undefined
  return () => {
    if (!starting) {
      starting = start()
      // A servlet that did not start has closed what it had opened.
      const started = starting.catch(() => undefined)
      closers.unshift(async () => (await started)?.close())
    }
    return starting
  }
}
