import { ComponentResource, type ComponentResourceOptions, type Resource } from '@pulumi/pulumi'
import type { KubernetesObject } from '../kubernetes-object.ts'
import { resourceOf } from './resource-classes.ts'

/** Changes an object before it is sent, or leaves it out (undefined). The escape hatch for what no manifest can say. */
export type Transform = (object: KubernetesObject) => KubernetesObject | undefined

/**
 * Kinds in the order in which they are needed. What is not named comes between: an object waits for all of the rank before it, since a
 * Deployment needs its config and its quota, and what scales, watches or routes to it needs the Deployment.
 */
const ranks = [
  ['Namespace', 'GatewayClass', 'ValidatingAdmissionPolicy'],
  undefined,
  ['Deployment'],
  // A Service is ready when a pod behind it is.
  ['ScaledObject', 'Canary', 'HTTPRoute', 'Service'],
] as const

/** Objects as children of one component. The last object of a set waits for all others. */
export abstract class ObjectSet extends ComponentResource {
  /** By `kind/name`. */
  readonly objects: ReadonlyMap<string, Resource>

  protected constructor(
    type: string,
    name: string,
    objects: readonly KubernetesObject[],
    { transform = (object) => object }: { readonly transform?: Transform | undefined },
    options: ComponentResourceOptions,
  ) {
    super(type, name, {}, options)
    const wanted = objects.flatMap((object) => transform(object) ?? [])
    const last = wanted.at(-1)
    const made = new Map<string, Resource>()
    const make = (object: KubernetesObject, dependsOn: Resource[]) => {
      const { kind, metadata } = object
      const key = `${kind}/${metadata.name}`
      made.set(
        key,
        resourceOf(childName(name, metadata.name), asManaged(object), { parent: this, dependsOn }),
      )
    }
    let needed: Resource[] = []
    for (let rank = 0; rank < ranks.length; rank++) {
      const before = made.size
      for (const object of wanted) if (object !== last && rankOf(object.kind) === rank) make(object, needed)
      if (made.size > before) needed = [...made.values()].slice(before)
    }
    if (last) make(last, [...made.values()])
    this.objects = made
    this.registerOutputs({})
  }
}

/**
 * Who owns the fields of our objects, whichever run of Pulumi wrote them. Else each resource gets a manager with a name by chance: what a run made that
 * was killed before it could write that name down would belong to nobody, and would conflict with the next change.
 */
const fieldManager = 'atlas'

function asManaged(object: KubernetesObject): KubernetesObject {
  const { metadata } = object
  const annotations = { ...metadata.annotations, 'pulumi.com/patchFieldManager': fieldManager }
  return { ...object, metadata: { ...metadata, annotations } }
}

function rankOf(kind: string): number {
  const found = ranks.findIndex((kinds) => (kinds as readonly string[] | undefined)?.includes(kind))
  return found === -1 ? 1 : found
}

/** Children are called as the object is, with the component's name before it: names in a stack are for all components. */
function childName(component: string, object: string): string {
  return object === component || object.startsWith(`${component}-`) ? object : `${component}-${object}`
}
