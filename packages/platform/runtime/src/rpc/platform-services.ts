import { healthService } from '../grpc/health.ts'
import { reflectionService } from '../grpc/reflection.ts'
import type { RpcService } from './contract-methods.ts'
import type { RpcServices } from './services.ts'

/** The services that every server has. */
export function platformServices(services: RpcServices, ready: () => boolean): readonly RpcService[] {
  return [
    healthService(services, ready),
    reflectionService(services, 'v1'),
    reflectionService(services, 'v1alpha'),
  ]
}
