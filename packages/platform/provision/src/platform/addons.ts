import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '@atlas/manifest'
import { parseAllDocuments } from 'yaml'
import type { KubernetesObject } from '../kubernetes-object.ts'
import { PlacementError } from '../placement-error.ts'

/** Something that `infra/platform` installs as its project gives it out. */
export interface Addon {
  readonly name: string
  readonly objects: readonly KubernetesObject[]
}

/**
 * Reads the add-ons of an environment, in the order of their names.
 *
 * @throws PlacementError with the file and the remedy, when one is missing or is not a file of objects
 */
export async function readAddons(root: string, environment: Pick<Environment, 'addons'>): Promise<Addon[]> {
  const addons = Object.entries(environment.addons).sort(([a], [b]) => (a < b ? -1 : 1))
  return Promise.all(
    addons.map(async ([name, file]) => {
      const text = await readFile(join(root, file), 'utf8').catch(() => {
        throw new PlacementError(
          `${file}: cannot be read, and addons.${name} of the environment names it; write there what its project gives out, as in helm template ${name} CHART --include-crds > ${file}`,
        )
      })
      return { name, objects: objectsIn(text, file) }
    }),
  )
}

/** The objects of a file, those of lists too; what Helm would run as a test of its own is left out. */
function objectsIn(text: string, file: string): KubernetesObject[] {
  const documents = parseAllDocuments(text, { logLevel: 'error' })
  const objects = (Array.isArray(documents) ? documents : []).flatMap((document) => {
    const [error] = document.errors
    if (error)
      throw new PlacementError(
        `${file}: is not YAML: ${error.message.split('\n')[0]}; kubectl create --dry-run=client -o yaml -f ${file} writes it plainly`,
      )
    return flattened(document.toJS())
  })
  for (const [index, object] of objects.entries())
    if (!isObject(object))
      throw new PlacementError(
        `${file}: its object ${index + 1} has no apiVersion, kind or metadata.name; a values file is not what Helm makes of it: helm template writes that`,
      )
  const found = (objects as KubernetesObject[]).filter((object) => !isTest(object))
  if (found.length === 0)
    throw new PlacementError(`${file}: has no objects; leave the add-on out where the cluster brings it`)
  return found
}

function flattened(value: unknown): unknown[] {
  if (value === null) return []
  const { kind, items } = value as { kind?: unknown; items?: unknown }
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items) ? items : [value]
}

function isObject(value: unknown): value is KubernetesObject {
  const { apiVersion, kind, metadata } = Object(value) as Partial<KubernetesObject>
  return [apiVersion, kind, metadata?.name].every((each) => typeof each === 'string' && each !== '')
}

function isTest({ metadata }: KubernetesObject): boolean {
  return /^test/.test(metadata.annotations?.['helm.sh/hook'] ?? '')
}
