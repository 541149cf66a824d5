import { journal, since } from '@acme/journals'
import { bytes, contract, endpoint, error, page, paging, stream } from '@atlas/contract'
import * as z from 'zod'
import { FilePath } from './file-path.ts'

export { FilePath }

export const FileInfo = z
  .object({
    kind: z.literal('file'),
    /** Stays the same when the file is moved or written anew. */
    id: z.uuid(),
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

export const Change = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('written'), file: FileInfo, isNew: z.boolean() }),
    z.object({ kind: z.literal('moved'), file: FileInfo, from: FilePath }),
    z.object({ kind: z.literal('removed'), fileId: z.uuid(), path: FilePath }),
  ])
  .meta({ id: 'Change' })
export type Change = z.infer<typeof Change>

const GiB = 2 ** 30
const File = z.object({ path: FilePath })
/** A file by what never changes, for servlets: `FileInfo` has the id. */
const FileOfAccount = z.object({ accountId: z.uuid(), fileId: z.uuid() })

const noSuchFile = error('not_found')

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
  usage: endpoint({
    route: 'GET /usage',
    access: 'user',
    output: z.object({ usedBytes: z.int(), quotaBytes: z.int() }),
  }),
  watch: endpoint({
    route: 'GET /changes',
    access: 'user',
    output: stream(Change),
    description: 'Every file that is there, as if written just now, and then every change.',
  }),

  fileOf: endpoint({
    route: 'GET /trees/{accountId}/files/{fileId}',
    input: FileOfAccount,
    output: FileInfo,
    errors: { noSuchFile },
  }),
  contentOf: endpoint({
    route: 'GET /trees/{accountId}/content/{fileId}',
    input: FileOfAccount,
    output: bytes({ maxBytes: GiB }),
    errors: { noSuchFile },
    description: 'For servlets that have made sure that whoever asks may read it.',
  }),
  changesOf: endpoint({
    route: 'GET /trees/{accountId}/changes',
    input: z.object({ accountId: z.uuid(), ...since() }),
    output: journal(Change),
    description: 'What happened in a tree: for servlets that keep a copy of what they need of it.',
  }),
})
