import { contract, endpoint, page, paging, stream } from '@atlas/contract'
import * as z from 'zod'

export const Notification = z
  .object({
    /** Of two, the later one has the greater id. */
    id: z.int(),
    at: z.iso.datetime(),
    kind: z.enum(['opened', 'received']),
    text: z.string(),
    isRead: z.boolean(),
  })
  .meta({ id: 'Notification' })
export type Notification = z.infer<typeof Notification>

const Unread = z.object({ unread: z.int() })

export const notifications = contract('notifications', {
  list: endpoint({
    route: 'GET /notifications',
    access: 'user',
    input: z.object({ ...paging({ limit: 20 }) }),
    output: page(Notification),
  }),
  unread: endpoint({
    route: 'GET /notifications/unread',
    access: 'user',
    output: Unread,
  }),
  read: endpoint({
    route: 'POST /notifications/read',
    access: 'user',
    input: z.object({ upTo: z.int().min(0).describe('The id of the newest notification that was seen.') }),
    output: Unread,
    idempotent: true,
  }),
  watch: endpoint({
    route: 'GET /notifications/stream',
    access: 'user',
    output: stream(Notification),
    description: 'What is unread, oldest first, and then every notification as it comes.',
  }),
})
