import type { Found } from '@atlas/tools-toolchain'
import type { Api, KubernetesObject } from '../api.ts'
import type { ImageRecipe } from '../images.ts'

/** What an add-on is installed with. */
export interface AddonContext {
  readonly api: Api
  readonly tools: Map<string, Found>
  readonly apply: (objects: readonly KubernetesObject[]) => Promise<void>
  readonly push: (images: readonly ImageRecipe[]) => Promise<void>
  /** Runs the cluster's kubectl and resolves with what it prints. */
  readonly kubectl: (args: readonly string[]) => Promise<string>
}

/** Something that a cluster has only when it is asked for. */
export interface Addon {
  readonly name: string
  readonly what: string
  /** Names of tools that it is made of. */
  readonly tools: readonly string[]
  /** Names of add-ons that it needs. */
  readonly needs: readonly string[]
  /** Where its Deployment is: it is there as soon as the add-on was installed. */
  readonly namespace: string
  readonly deployment: string
  /** Installs it, or what is not there yet of it, and resolves when it is ready. */
  install(context: AddonContext): Promise<void>
}
