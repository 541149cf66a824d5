import { files } from '@acme/files/contract'
import { Account } from '@acme/identity/contract'
import { sharing } from '@acme/sharing/contract'
import { servlet } from '@atlas/sdk'
import manifest from '../servlet.json' with { type: 'json' }
import { previews } from './contract.ts'
import { openPages } from './pages.ts'

export default servlet(
  previews,
  {
    manifest,
    calls: { files, sharing },
    user: Account,
    setup: ({ stores, config }) => ({ value: openPages(stores.pages, config.maxKiB) }),
  },
  {
    file: async ({ path }, { calls, state, errors }) => {
      const found = await calls.files.stat.result({ path })
      if (!found.ok) throw errors.noSuchFile()
      const file = found.value
      const page = await state.of(file, () => calls.files.download({ path: file.path }))
      if (!page) throw errors.noPreview({ contentType: file.contentType })
      return page
    },

    link: async ({ id, ticket }, { calls, state, errors }) => {
      const found = await calls.sharing.linked.result({ id, ticket })
      if (!found.ok) throw found.error.kind === 'noTicket' ? errors.noTicket() : errors.noSuchFile()
      const { ownerId, file } = found.value
      const page = await state.of(file, () => calls.files.contentOf({ accountId: ownerId, fileId: file.id }))
      if (!page) throw errors.noPreview({ contentType: file.contentType })
      return page
    },
  },
)
