import { setTimeout } from 'node:timers/promises'
import { AtlasError } from '@atlas/contract'
import type { RpcService } from '../rpc/contract-methods.ts'
import { platformMethods } from '../rpc/platform-methods.ts'
import type { RpcServices } from '../rpc/services.ts'
import { healthFile } from './health-file.ts'

/** How often a watched status is looked at. */
const lookMs = 1000

/**
 * gRPC's health checks (https://github.com/grpc/grpc/blob/master/doc/health-checking.md): of the server, by the empty name,
 * and of each service by its own. All are as ready as the server is.
 */
export function healthService(services: RpcServices, ready: () => boolean): RpcService {
  const statusOf = (service: string): 'SERVING' | 'NOT_SERVING' | undefined => {
    if (service !== '' && !services.names().includes(service)) return undefined
    return ready() ? 'SERVING' : 'NOT_SERVING'
  }
  const make = platformMethods(healthFile, 'Health')
  return {
    file: healthFile,
    methods: [
      make.unary('Check', async (input) => {
        const { service } = input as { service: string }
        const status = statusOf(service)
        if (status === undefined) throw new AtlasError('not_found', `there is no service '${service}'`)
        return { status }
      }),
      make.serverStream('Watch', async function* (input, { scope }) {
        const { service } = input as { service: string }
        let last: string | undefined
        while (!scope.aborted) {
          const status = statusOf(service) ?? 'SERVICE_UNKNOWN'
          if (status !== last) yield { status }
          // A stream without an end would hold up a server that drains.
          if (status === 'NOT_SERVING') throw new AtlasError('unavailable', 'the server is not ready')
          last = status
          await setTimeout(lookMs, undefined, { ref: false, signal: scope.signal })
        }
      }),
    ],
  }
}
