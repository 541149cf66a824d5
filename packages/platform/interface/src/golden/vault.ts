import { bytes, contract, endpoint, error, named, page, paging, stream } from '@atlas/contract'
import * as z from 'zod'

const Role = z.enum(['reader', 'writer']).meta({ id: 'Role', description: 'What a member may do.' })

const Member = z
  .object({ email: z.email(), role: Role.default('reader') })
  .refine(({ email }) => !email.endsWith('.invalid'), named('deliverable', 2, 'must be deliverable'))
  .meta({ id: 'Member', title: 'Member of a vault' })

const Folder = z.object({
  type: z.literal('folder'),
  name: z.string(),
  get entries() {
    return z.array(Entry)
  },
})

const File = z
  .object({
    type: z.literal('file'),
    name: z.string(),
    sizeBytes: z.int().min(0),
    checksum: z.string().nullable().describe('SHA-256 in hex, once it is known.'),
    labels: z.record(z.string(), z.string()),
    modifiedAt: z.iso.datetime(),
    thumbnail: z.object({ width: z.uint32(), height: z.uint32() }).optional(),
  })
  .meta({ id: 'FileEntry' })

const Entry: z.ZodType<unknown> = z
  .discriminatedUnion('type', [Folder.meta({ id: 'FolderEntry' }), File])
  .meta({ id: 'Entry', description: 'A file or a folder with what is in it.' })

/** A contract with everything that a contract may have. */
export const vault = contract('vault-files', {
  tree: endpoint({
    route: 'GET /vaults/{vault}/tree',
    access: 'user',
    description: 'Everything in a vault.',
    input: z.object({ vault: z.string(), depth: z.int32().min(1).default(3) }),
    output: Entry,
    errors: { noVault: error('not_found', { vault: z.string() }), gone: error('not_found') },
  }),
  search: endpoint({
    route: 'GET /vaults/{id}/search',
    access: 'user',
    input: z.object({
      ...paging(),
      id: z.string(),
      roles: z.array(Role).default([]),
      text: z.string().min(2).describe('Words to look for.'),
    }),
    output: page(File),
  }),
  invite: endpoint({
    route: 'POST /vaults/{vault}/members',
    access: 'user',
    input: z.object({ vault: z.string(), members: z.array(Member).min(1), note: z.string().optional() }),
    output: z.object({ members: z.array(Member) }),
    errors: { full: error('resource_exhausted', { most: z.int() }) },
  }),
  upload: endpoint({
    route: 'PUT /vaults/{vault}/content/{path*}',
    access: 'user',
    input: z.object({ vault: z.string(), path: z.string(), overwrite: z.boolean().default(false) }),
    body: bytes({ maxBytes: 500_000_000 }),
    output: File,
  }),
  download: endpoint({
    route: 'GET /vaults/{vault}/content/{path*}',
    access: 'public',
    input: z.object({ vault: z.string(), path: z.string() }),
    output: bytes({ types: ['application/octet-stream', 'image/*'] }),
  }),
  watch: endpoint({
    route: 'GET /vaults/{vault}/changes',
    access: 'user',
    input: z.object({ vault: z.string() }),
    output: stream(
      z.object({ at: z.iso.datetime(), what: z.enum(['added', 'removed']), score: z.float32() }),
    ),
  }),
  list: endpoint({
    route: 'GET /vaults',
    access: 'public',
    deprecated: { since: '2026-01-01', sunset: '2026-12-31', use: 'search' },
    output: z.object({ ids: z.array(z.string()) }),
  }),
  settings: endpoint({
    route: 'PATCH /settings',
    access: 'user',
    grpc: false,
    input: z.object({ values: z.json(), window: z.tuple([z.int(), z.int()]).optional() }),
  }),
  purge: endpoint({ route: 'DELETE /vaults/{vault}', input: z.object({ vault: z.string() }) }),
})
