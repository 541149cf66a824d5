import { type Api, ApiError, until } from './api.ts'
import { patience } from './ready.ts'

/**
 * Deletes an object, or what is left of it, and waits until it is gone with all that is in it. One that is not there is fine.
 *
 * @param waits false to go on as soon as the server has taken it: a namespace takes a while, which nobody needs to wait for at
 *   the end of a suite
 */
export async function remove(api: Api, path: string, { waits = true } = {}): Promise<void> {
  await until(
    `${path} to be gone`,
    async () => {
      try {
        await api.ask('DELETE', path, { propagationPolicy: 'Foreground' })
        if (!waits) return true
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return true
        // Being removed already, in an order of the server's own.
        if (!(error instanceof ApiError && error.status === 409)) throw error
      }
      return undefined
    },
    { timeoutMs: patience.deployment, everyMs: 500 },
  )
}
