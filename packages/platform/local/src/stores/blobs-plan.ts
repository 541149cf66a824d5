import type { StorePlan } from './store-plan.ts'

/** Where the blobs of a store are: in a folder of this machine. */
export function blobsPlan(
  _variables: Readonly<Record<string, string | undefined>>,
  folder: string,
  _prefix: readonly string[],
): StorePlan {
  return { kind: 'blobs', folder }
}
