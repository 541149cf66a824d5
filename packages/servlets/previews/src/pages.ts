import type { FileInfo } from '@acme/files/contract'
import { type ByteStream, byteStream } from '@atlas/contract'
import type { Blobs } from '@atlas/sdk'
import { firstBytes } from './excerpt.ts'
import { render } from './render.ts'

/** The pages that were made, one for each version of a file. */
export type Pages = ReturnType<typeof openPages>

const contentType = 'text/html; charset=utf-8'

export function openPages(blobs: Blobs, maxKiB: number) {
  /** Removes pages of older versions. Who reads one goes on reading it. */
  const removeOlder = async (file: FileInfo, key: string) => {
    for (const page of await blobs.list({ prefix: `${file.id}/` }))
      if (page.key !== key && page.modified < file.modified) await blobs.delete(page.key)
  }
  return {
    /** The page of a file, made the first time that somebody asks; undefined where nothing can be shown of it. */
    async of(file: FileInfo, read: () => Promise<ByteStream>): Promise<ByteStream | undefined> {
      const key = `${file.id}/${file.etag}`
      const made = await blobs.get(key)
      if (made) return made.body
      const name = file.path.slice(file.path.lastIndexOf('/') + 1)
      const excerpt = await firstBytes(await read(), maxKiB * 1024)
      const page = render({ name, contentType: file.contentType, ...excerpt })
      if (page === undefined) return undefined
      await blobs.put(key, page, { contentType })
      await removeOlder(file, key)
      return byteStream(page, { contentType })
    },
  }
}
