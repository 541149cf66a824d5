import { EventEmitter } from 'node:events'
import type { Change } from './contract.ts'

/** How many changes wait for a watcher that does not keep up. */
const maxWaiting = 1000

/** Tells those who watch an account what changed in it, as far as it changed through this process. */
export type Changes = ReturnType<typeof openChanges>

export function openChanges() {
  const emitter = new EventEmitter().setMaxListeners(0)
  return {
    tell(accountId: string, change: Change): void {
      emitter.emit(accountId, change)
    },
    /**
     * Every change from now on, until `signal` aborts or the stream is cancelled. A watcher who does not keep up fails
     * with what `fellBehind` makes, and has to begin again.
     */
    watch(accountId: string, signal: AbortSignal, fellBehind: () => Error): ReadableStream<Change> {
      let forget = () => {}
      const begin = (controller: ReadableStreamDefaultController<Change>) => {
        const tell = (change: Change) => {
          if (controller.desiredSize! > 0) return controller.enqueue(change)
          forget()
          controller.error(fellBehind())
        }
        const end = () => {
          forget()
          controller.close()
        }
        forget = () => {
          emitter.off(accountId, tell)
          signal.removeEventListener('abort', end)
        }
        emitter.on(accountId, tell)
        signal.addEventListener('abort', end)
        if (signal.aborted) end()
      }
      return new ReadableStream({ start: begin, cancel: () => forget() }, { highWaterMark: maxWaiting })
    },
    watchersOf: (accountId: string): number => emitter.listenerCount(accountId),
  }
}
