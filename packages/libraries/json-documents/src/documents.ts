import { json } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { AtlasError } from '@atlas/contract'
import type { Blobs } from '@atlas/sdk'
import * as z from 'zod'

/** Documents of one kind by key. */
export interface Documents<T> {
  get(key: string): Promise<T | undefined>
  /** Whether it was created: false where there is one already, so that exactly one of many creators wins. */
  create(key: string, value: T): Promise<boolean>
  /**
   * Replaces a document by what `change` makes of it, or returns undefined where there is none. `change` runs again
   * when somebody else was faster, so it must not do anything else.
   *
   * @throws AtlasError `aborted` when others were faster too often
   */
  update(key: string, change: (value: T) => T): Promise<T | undefined>
  /** Whether there was one. */
  delete(key: string): Promise<boolean>
}

const maxAttempts = 50

/** Keeps JSON documents in a folder of a blobs store. What is read is parsed by the schema. */
export function documents<S extends z.core.$ZodType>(
  blobs: Blobs,
  schema: S,
  folder: string,
): Documents<z.output<S>> {
  type T = z.output<S>
  const keyOf = (key: string) => `${folder}/${key}`

  const read = async (key: string): Promise<{ value: T; etag: string } | undefined> => {
    const blob = await blobs.get(keyOf(key))
    return blob && { value: z.parse(schema, await json(blob.body)), etag: blob.etag }
  }

  /** Whether it was written: not when the document is no longer what `ifMatch` says. */
  const write = async (key: string, value: T, ifMatch: string | null): Promise<boolean> => {
    try {
      await blobs.put(keyOf(key), JSON.stringify(value), { contentType: 'application/json', ifMatch })
      return true
    } catch (error) {
      if (error instanceof AtlasError && error.code === 'failed_precondition') return false
      throw error
    }
  }

  return {
    get: async (key) => (await read(key))?.value,
    create: (key, value) => write(key, value, null),
    async update(key, change) {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const found = await read(key)
        if (!found) return undefined
        const value = change(found.value)
        if (await write(key, value, found.etag)) return value
        // Writers that met once would meet again at the same pace.
        await pause(Math.random() * (attempt + 1))
      }
      throw new AtlasError('aborted', `document '${key}' changed ${maxAttempts} times while it was updated`)
    },
    delete: (key) => blobs.delete(keyOf(key)),
  }
}
