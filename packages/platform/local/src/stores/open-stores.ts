import { join } from 'node:path'
import type { StoreKinds } from '@atlas/sdk'
import { folderBlobs } from './folder-blobs.ts'

/** Opens a store of each kind. `folder` is the store's own. */
const openers: { readonly [K in keyof StoreKinds]: (folder: string) => Promise<StoreKinds[K]> } = {
  blobs: folderBlobs,
}

/**
 * Opens the stores that a manifest declares, each in a folder of its own below the servlet's.
 *
 * @throws Error when a kind of store is not provided on this machine
 */
export async function openStores(declared: object, folder: string): Promise<Record<string, unknown>> {
  const opened = await Promise.all(
    Object.entries(declared).map(async ([name, kinds]: [string, object]) => {
      const [kind = ''] = Object.keys(kinds)
      if (!Object.hasOwn(openers, kind))
        throw new Error(
          `store '${name}' is of kind '${kind}', which does not exist here; use one of ${Object.keys(openers).join(', ')}`,
        )
      return [name, await openers[kind as keyof StoreKinds](join(folder, name))] as const
    }),
  )
  return Object.fromEntries(opened)
}
