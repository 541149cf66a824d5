import { FilePath } from '@acme/files/contract'
import { LinkTicket } from '@acme/sharing/contract'
import { bytes, contract, endpoint, error } from '@atlas/contract'
import * as z from 'zod'

const Page = bytes({ types: ['text/html'], maxBytes: 4 * 2 ** 20 })
const noSuchFile = error('not_found')
const noPreview = error('failed_precondition', { contentType: z.string() })

export const previews = contract('previews', {
  file: endpoint({
    route: 'GET /previews/{path*}',
    access: 'user',
    input: z.object({ path: FilePath }),
    output: Page,
    errors: { noSuchFile, noPreview },
    description: 'A small page that shows the beginning of one of the caller’s files.',
  }),
  link: endpoint({
    route: 'GET /link-previews/{id}',
    access: 'public',
    input: LinkTicket,
    output: Page,
    errors: { noSuchFile, noPreview, noTicket: error('permission_denied') },
    description: 'The same for whoever opened a link; the ticket is from sharing.openLink.',
  }),
})
