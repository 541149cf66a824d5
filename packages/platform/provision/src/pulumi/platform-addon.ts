import type { ComponentResourceOptions } from '@pulumi/pulumi'
import type { Addon } from '../platform/addons.ts'
import { ObjectSet, type Transform } from './object-set.ts'

/** What a {@link PlatformAddon} is made of. */
export interface PlatformAddonArgs {
  readonly addon: Addon
  /** @default every object as it is */
  readonly transform?: Transform
}

/** Something that a cluster does not bring itself, as its project gives it out: KEDA, Flagger, Prometheus, metrics-server and others. */
export class PlatformAddon extends ObjectSet {
  constructor(name: string, { addon, transform }: PlatformAddonArgs, options: ComponentResourceOptions = {}) {
    super('atlas:provision:PlatformAddon', name, addon.objects, { transform }, options)
  }
}
