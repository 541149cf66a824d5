import { journal, since } from '@acme/journals'
import { Person } from '@acme/sharing/contract'
import { contract, endpoint, page, paging } from '@atlas/contract'
import * as z from 'zod'

/** Something that happened to the files of somebody. */
export const Happening = z
  .object({
    kind: z.enum(['added', 'changed', 'moved', 'removed', 'linked', 'opened', 'granted', 'received']),
    path: z.string(),
    /** Where it was, if it was moved. */
    from: z.string().optional(),
    /** Who got it or gave it, if it was granted or received. */
    person: Person.optional(),
  })
  .meta({ id: 'Happening' })
export type Happening = z.infer<typeof Happening>

export const activity = contract('activity', {
  feed: endpoint({
    route: 'GET /feed',
    access: 'user',
    input: z.object({ ...paging({ limit: 50 }) }),
    output: page(z.object({ at: z.iso.datetime(), what: Happening })),
    description: 'What happened to the files of the caller, newest first.',
  }),
  happeningsOf: endpoint({
    route: 'GET /feeds/{accountId}',
    input: z.object({ accountId: z.uuid(), ...since() }),
    output: journal(Happening),
    description: 'The same in the order in which it became known, for servlets that follow it.',
  }),
})
