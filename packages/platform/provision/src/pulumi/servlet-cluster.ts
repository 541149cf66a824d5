import type { ComponentResourceOptions } from '@pulumi/pulumi'
import { objectsOf } from '../objects-of.ts'
import type { Provisioned } from '../provisioned.ts'
import { ObjectSet, type Transform } from './object-set.ts'

/** What a {@link ServletCluster} is made of. */
export interface ServletClusterArgs {
  readonly provisioned: Provisioned
  /** @default every object as it is */
  readonly transform?: Transform
}

/**
 * The production cluster of one servlet: namespace, pods, scaler, route, policies, alerts. Its children are what `objectsOf` says and
 * nothing else.
 *
 * @throws RangeError when the release's image is not named by its digest
 */
export class ServletCluster extends ObjectSet {
  constructor(
    name: string,
    { provisioned, transform }: ServletClusterArgs,
    options: ComponentResourceOptions = {},
  ) {
    // The last one says what was deployed.
    super(
      'atlas:provision:ServletCluster',
      name,
      objectsOf(provisioned),
      { transform, lastWaits: true },
      options,
    )
  }
}
