import { Account } from '@acme/identity/contract'
import { bytes, contract, endpoint, error, page, paging, stream } from '@atlas/contract'
import * as z from 'zod'
import { FilePath } from './file-path.ts'

export const FileInfo = z
  .object({
    kind: z.literal('file'),
    path: FilePath,
    sizeBytes: z.int().min(0),
    contentType: z.string(),
    /** Changes with every upload. */
    etag: z.string(),
    modified: z.iso.datetime(),
  })
  .meta({ id: 'File' })
export type FileInfo = z.infer<typeof FileInfo>

/** A folder is there as long as something is in it. */
export const Folder = z.object({ kind: z.literal('folder'), path: FilePath }).meta({ id: 'Folder' })

export const Entry = z.discriminatedUnion('kind', [FileInfo, Folder])
export type Entry = z.infer<typeof Entry>

export const Change = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('written'), file: FileInfo }),
  z.object({ kind: z.literal('removed'), path: FilePath }),
])
export type Change = z.infer<typeof Change>

const GiB = 2 ** 30
const File = z.object({ path: FilePath })
const Share = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{22}$/) })

const noSuchFile = error('not_found')
const noSuchShare = error('not_found')

export const files = contract('files', {
  list: endpoint({
    route: 'GET /files',
    access: 'user',
    input: z.object({ folder: FilePath.optional(), ...paging() }),
    output: page(Entry),
  }),
  stat: endpoint({
    route: 'GET /files/{path*}',
    access: 'user',
    input: File,
    output: FileInfo,
    errors: { noSuchFile },
  }),
  remove: endpoint({
    route: 'DELETE /files/{path*}',
    access: 'user',
    input: File,
    errors: { noSuchFile },
  }),
  move: endpoint({
    route: 'POST /moves',
    access: 'user',
    input: z.object({ from: FilePath, to: FilePath }),
    output: FileInfo,
    errors: { noSuchFile, taken: error('already_exists') },
  }),
  upload: endpoint({
    route: 'PUT /content/{path*}',
    access: 'user',
    input: File.extend({
      ifMatch: z
        .string()
        .optional()
        .describe("The etag that the file must still have, or 'none' where there must be no file yet."),
    }),
    body: bytes({ maxBytes: GiB }),
    output: FileInfo,
    errors: {
      full: error('resource_exhausted', { quotaBytes: z.int() }),
      changed: error('aborted'),
    },
  }),
  download: endpoint({
    route: 'GET /content/{path*}',
    access: 'user',
    input: File,
    output: bytes({ maxBytes: GiB }),
    errors: { noSuchFile },
  }),
  watch: endpoint({
    route: 'GET /changes',
    access: 'user',
    output: stream(Change),
    errors: { fellBehind: error('aborted') },
    description: 'Every file that is there, as if written just now, and then every change.',
  }),
  share: endpoint({
    route: 'POST /shares',
    access: 'user',
    input: File,
    output: Share,
    errors: { noSuchFile },
    description: 'Lets everybody who is signed in and knows the id read the file.',
  }),
  shared: endpoint({
    route: 'GET /shares/{id}',
    access: 'user',
    input: Share,
    output: z.object({ file: FileInfo, owner: Account, downloads: z.int() }),
    errors: { noSuchShare },
  }),
  downloadShared: endpoint({
    route: 'GET /shares/{id}/content',
    access: 'user',
    input: Share,
    output: bytes({ maxBytes: GiB }),
    errors: { noSuchShare },
  }),
})
