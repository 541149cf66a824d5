import { FileInfo, FilePath } from '@acme/files/contract'
import { journal, since } from '@acme/journals'
import { bytes, contract, endpoint, error, page, paging } from '@atlas/contract'
import * as z from 'zod'

/** What others may see of somebody. */
export const Person = z.object({ id: z.uuid(), name: z.string() }).meta({ id: 'Person' })
export type Person = z.infer<typeof Person>

/** Whoever knows the id may open it. */
const LinkId = z.string().regex(/^[A-Za-z0-9_-]{22}$/)

export const Link = z
  .object({
    id: LinkId,
    fileId: z.uuid(),
    /** Where the file was when the link was made. */
    path: z.string(),
    hasPassword: z.boolean(),
    expires: z.iso.datetime().optional(),
    /** How often it was opened. */
    opened: z.int(),
    created: z.iso.datetime(),
  })
  .meta({ id: 'Link' })
export type Link = z.infer<typeof Link>

/** A file that one other person may read. */
export const Grant = z.object({ id: z.uuid(), fileId: z.uuid(), reader: Person }).meta({ id: 'Grant' })

/** What happened to links and grants of somebody, or to somebody by them. */
export const SharingEvent = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('linked'), path: z.string() }),
    z.object({ kind: z.literal('opened'), path: z.string() }),
    z.object({ kind: z.literal('granted'), path: z.string(), reader: Person }),
    z.object({ kind: z.literal('received'), path: z.string(), owner: Person }),
  ])
  .meta({ id: 'SharingEvent' })
export type SharingEvent = z.infer<typeof SharingEvent>

/** What `openLink` gives: who holds it may read what the link leads to. */
export const LinkTicket = z.object({ id: LinkId, ticket: z.string().max(100) })

const GiB = 2 ** 30
const Id = z.object({ id: z.uuid() })

const noSuchFile = error('not_found')
const noSuchLink = error('not_found')
const noSuchGrant = error('not_found')
/** Tickets are good for minutes; a link that is opened again gives a new one. */
const noTicket = error('permission_denied')

export const sharing = contract('sharing', {
  createLink: endpoint({
    route: 'POST /shares',
    access: 'user',
    input: z.object({
      path: FilePath,
      password: z.string().min(6).max(200).optional(),
      expires: z.iso.datetime().optional(),
    }),
    output: Link,
    errors: {
      noSuchFile,
      expiryOutOfRange: error('out_of_range', { earliest: z.iso.datetime(), latest: z.iso.datetime() }),
    },
  }),
  links: endpoint({
    route: 'GET /shares',
    access: 'user',
    input: z.object({ ...paging() }),
    output: page(Link),
  }),
  removeLink: endpoint({
    route: 'DELETE /shares/{id}',
    access: 'user',
    input: z.object({ id: LinkId }),
    errors: { noSuchLink },
  }),
  openLink: endpoint({
    route: 'POST /s/{id}',
    access: 'public',
    input: z.object({ id: LinkId, password: z.string().max(200).optional() }),
    output: z.object({
      file: z.object({ name: z.string(), sizeBytes: z.int(), contentType: z.string() }),
      owner: z.string(),
      ticket: z.string(),
      ticketExpires: z.iso.datetime(),
    }),
    errors: {
      noSuchLink,
      expired: error('failed_precondition', { expired: z.iso.datetime() }),
      needsPassword: error('unauthenticated'),
      wrongPassword: error('permission_denied'),
      tooManyAttempts: error('resource_exhausted', { retryAfterSeconds: z.int() }),
    },
    description: 'Says what is behind a link, and gives a ticket to read it.',
  }),
  downloadLink: endpoint({
    route: 'GET /s/{id}/content',
    access: 'public',
    input: LinkTicket,
    output: bytes({ maxBytes: GiB }),
    errors: { noTicket, noSuchFile },
  }),

  grant: endpoint({
    route: 'POST /grants',
    access: 'user',
    input: z.object({ path: FilePath, email: z.email().toLowerCase() }),
    output: Grant,
    errors: {
      noSuchFile,
      noSuchPerson: error('not_found'),
      yourself: error('failed_precondition'),
    },
    idempotent: true,
    description: 'Lets one other person read a file. Again, it is the same grant.',
  }),
  revoke: endpoint({
    route: 'DELETE /grants/{id}',
    access: 'user',
    input: Id,
    errors: { noSuchGrant },
  }),
  received: endpoint({
    route: 'GET /received',
    access: 'user',
    input: z.object({ ...paging() }),
    output: page(z.object({ id: z.uuid(), file: FileInfo, owner: Person })),
    description: 'Files that others let the caller read, newest first.',
  }),
  download: endpoint({
    route: 'GET /received/{id}/content',
    access: 'user',
    input: Id,
    output: bytes({ maxBytes: GiB }),
    errors: { noSuchGrant },
  }),

  linked: endpoint({
    route: 'POST /tickets/file',
    input: LinkTicket,
    output: z.object({ ownerId: z.uuid(), file: FileInfo }),
    errors: { noTicket, noSuchFile },
    idempotent: true,
    description: 'The file that a ticket lets its holder read.',
  }),
  grantsOf: endpoint({
    route: 'GET /readers/{readerId}/grants',
    input: z.object({ readerId: z.uuid(), ...paging({ limit: 1000 }) }),
    output: page(z.object({ fileId: z.uuid(), ownerId: z.uuid() })),
    description: 'What somebody may read besides their own files.',
  }),
  eventsOf: endpoint({
    route: 'GET /journals/{accountId}/sharing',
    input: z.object({ accountId: z.uuid(), ...since() }),
    output: journal(SharingEvent),
  }),
})
