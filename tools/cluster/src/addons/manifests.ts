import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { KubernetesObject } from '../api.ts'
import { until } from '../api.ts'
import { patience } from '../ready.ts'
import type { AddonContext } from './addon.ts'

/** The objects of YAML documents; empty documents are left out. */
export function objectsIn(yaml: string): KubernetesObject[] {
  const documents = parseAllDocuments(yaml, { logLevel: 'error' })
  if (!Array.isArray(documents)) return []
  return documents.flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0]
    const object = document.toJS() as KubernetesObject | null
    return object === null ? [] : [object]
  })
}

/** The objects of YAML files, as kubectl reads them: some projects' files are YAML to Go's reader only. */
export async function readObjects(
  kubectl: AddonContext['kubectl'],
  ...paths: string[]
): Promise<KubernetesObject[]> {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-manifests-'))
  try {
    const resources = paths.map((path) => relative(folder, path))
    await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify({ resources }))
    return objectsIn(await kubectl(['kustomize', '--load-restrictor=LoadRestrictionsNone', folder]))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const apiextensions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Applies objects in the order in which they can be: kinds and namespaces, then, once the kinds are served, the others. */
export async function applyInOrder(
  { api, apply }: Pick<AddonContext, 'api' | 'apply'>,
  objects: readonly KubernetesObject[],
): Promise<void> {
  const isKind = ({ kind }: KubernetesObject) => kind === 'CustomResourceDefinition'
  const isFirst = (one: KubernetesObject) => isKind(one) || one.kind === 'Namespace'
  const first = objects.filter(isFirst)
  if (first.length > 0) await apply(first)
  for (const { metadata } of objects.filter(isKind)) {
    await until(
      `the kind ${metadata.name} to be served`,
      async () => {
        const { status } = await api.get(`${apiextensions}/${metadata.name}`)
        const established = status?.conditions?.find(({ type }: any) => type === 'Established')
        return established?.status === 'True' ? true : undefined
      },
      { timeoutMs: patience.deployment },
    )
  }
  const rest = objects.filter((one) => !isFirst(one))
  if (rest.length > 0) await apply(rest)
}

/** An object with another namespace, in itself and where bindings name an account; what has none keeps none. */
export function inNamespace(object: KubernetesObject, namespace: string): KubernetesObject {
  const { metadata, subjects } = object
  return {
    ...object,
    metadata: metadata.namespace === undefined ? metadata : { ...metadata, namespace },
    ...(subjects === undefined
      ? {}
      : {
          subjects: subjects.map((one: any) => (one.namespace === undefined ? one : { ...one, namespace })),
        }),
  }
}

/** Changes the containers of the Deployments and Jobs among objects, and leaves others as they are. */
export function withContainers(
  objects: readonly KubernetesObject[],
  change: (container: any, object: KubernetesObject) => object,
): KubernetesObject[] {
  return objects.map((object) => {
    const template = object.spec?.template
    if (object.kind !== 'Deployment' && object.kind !== 'Job') return object
    const containers = template.spec.containers.map((container: any) => change(container, object))
    return {
      ...object,
      spec: { ...object.spec, template: { ...template, spec: { ...template.spec, containers } } },
    }
  })
}

/** What a controller reserves here: the node is small, and what controllers reserve of it product code cannot. */
export const smallResources = { requests: { cpu: '10m', memory: '64Mi' } } as const
