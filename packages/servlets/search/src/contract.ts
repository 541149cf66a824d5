import { contract, endpoint, page, paging } from '@atlas/contract'
import * as z from 'zod'

export const Hit = z
  .object({
    fileId: z.uuid(),
    ownerId: z.uuid(),
    /** Of files of others, the name alone. */
    path: z.string(),
    sizeBytes: z.int(),
    contentType: z.string(),
    modified: z.iso.datetime(),
  })
  .meta({ id: 'Hit' })
export type Hit = z.infer<typeof Hit>

export const search = contract('search', {
  find: endpoint({
    route: 'GET /search',
    access: 'user',
    input: z.object({ q: z.string().min(1).max(200), ...paging({ limit: 20, maxLimit: 100 }) }),
    output: page(Hit),
    description: 'Files with all words of `q`, or words that begin so, in their path. Newest first.',
  }),
})
