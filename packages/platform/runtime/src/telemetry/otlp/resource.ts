import type { Attributes } from '@opentelemetry/api'

/** Says for each servlet what its spans are of. */
export type ResourceOf = (servlet: string) => Attributes

/** What resources are made of. */
export interface ResourceOptions {
  /** Of `OTEL_RESOURCE_ATTRIBUTES`, and `service.name` of `OTEL_SERVICE_NAME`. */
  readonly attributes: Readonly<Record<string, string>>
  /** The version of a servlet, where it is known. */
  readonly versionOf: (servlet: string) => string | undefined
  readonly runtimeVersion: string
}

/**
 * Makes the resources of a process. Each servlet is a service of its own, also where several share a process, so that
 * traces look the same however servlets are placed; unless the environment names the service.
 */
export function resources({ attributes, versionOf, runtimeVersion }: ResourceOptions): ResourceOf {
  const instance = crypto.randomUUID()
  return (servlet) => {
    const version = versionOf(servlet)
    return {
      'service.name': servlet === '' ? 'atlas' : servlet,
      ...(version === undefined ? {} : { 'service.version': version }),
      'service.instance.id': instance,
      'process.pid': process.pid,
      'process.runtime.name': 'nodejs',
      'process.runtime.version': process.versions.node,
      'telemetry.sdk.name': 'atlas',
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.version': runtimeVersion,
      ...attributes,
    }
  }
}
