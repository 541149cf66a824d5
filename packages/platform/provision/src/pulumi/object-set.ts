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
  ['Namespace', 'CustomResourceDefinition', 'GatewayClass', 'ValidatingAdmissionPolicy'],
  undefined,
  ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'],
  // A Service is ready when a pod behind it is; what the API server asks by way of one would fail until then.
  [
    'ScaledObject',
    'Canary',
    'HTTPRoute',
    'Service',
    'APIService',
    'ValidatingWebhookConfiguration',
    'MutatingWebhookConfiguration',
  ],
] as const

/** How a set is made of its objects. */
export interface ObjectSetArgs {
  /** @default every object as it is */
  readonly transform?: Transform | undefined
  /** Whether the last object waits for all others. @default false */
  readonly lastWaits?: boolean
}

/** Objects as children of one component. */
export abstract class ObjectSet extends ComponentResource {
  /** By `kind/name`, and `kind/namespace-name` where several have the name. */
  readonly objects: ReadonlyMap<string, Resource>

  protected constructor(
    type: string,
    name: string,
    objects: readonly KubernetesObject[],
    { transform = (object) => object, lastWaits = false }: ObjectSetArgs,
    options: ComponentResourceOptions,
  ) {
    super(type, name, {}, options)
    const wanted = objects.flatMap((object) => transform(object) ?? [])
    const last = lastWaits ? wanted.at(-1) : undefined
    const keyOf = keysOf(wanted)
    const made = new Map<string, Resource>()
    const make = (object: KubernetesObject, dependsOn: Resource[]) => {
      const called = keyOf(object)
      made.set(
        `${object.kind}/${called}`,
        resourceOf(childName(name, called), asManaged(object), { parent: this, dependsOn }),
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

/** What objects are called in a set: as they are, and after their namespace where another of the kind has the name too. */
function keysOf(objects: readonly KubernetesObject[]): (object: KubernetesObject) => string {
  const counts = new Map<string, number>()
  const key = ({ kind, metadata }: KubernetesObject) => `${kind}/${metadata.name}`
  for (const object of objects) counts.set(key(object), (counts.get(key(object)) ?? 0) + 1)
  return (object) => {
    const { name, namespace } = object.metadata
    return counts.get(key(object)) === 1 || namespace === undefined ? name : `${namespace}-${name}`
  }
}

function rankOf(kind: string): number {
  const found = ranks.findIndex((kinds) => (kinds as readonly string[] | undefined)?.includes(kind))
  return found === -1 ? 1 : found
}

/** Children are called as the object is, with the component's name before it: names in a stack are for all components. */
function childName(component: string, object: string): string {
  return object === component || object.startsWith(`${component}-`) ? object : `${component}-${object}`
}
