import type { ComponentResourceOptions } from '@pulumi/pulumi'
import { type PlatformPart, platformObjectsOf } from '../platform/platform-objects-of.ts'
import type { PlacedEnvironment } from '../provisioned.ts'
import { ObjectSet, type Transform } from './object-set.ts'

/** What a {@link PlatformBase} is made of. */
export interface PlatformBaseArgs {
  readonly environment: PlacedEnvironment
  /** Parts that the cluster brings itself. @default none: all are made */
  readonly without?: readonly PlatformPart[]
  /** @default every object as it is */
  readonly transform?: Transform
}

/** What the servlets of an environment share: gateways and guardrails. */
export class PlatformBase extends ObjectSet {
  constructor(name: string, args: PlatformBaseArgs, options: ComponentResourceOptions = {}) {
    const { environment, without, transform } = args
    super(
      'atlas:provision:PlatformBase',
      name,
      platformObjectsOf(environment, without),
      { transform },
      options,
    )
  }
}
