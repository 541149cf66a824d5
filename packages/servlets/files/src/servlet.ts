import { Account, identity } from '@acme/identity/contract'
import { servlet } from '@atlas/sdk'
import manifest from '../servlet.json' with { type: 'json' }
import { openChanges } from './changes.ts'
import { files } from './contract.ts'
import { ownTree } from './own-tree.ts'
import { atMost, usedBytes } from './quota.ts'
import { openShares } from './shares.ts'
import { treeOf } from './tree.ts'

export default servlet(
  files,
  {
    manifest,
    calls: { identity },
    user: Account,
    setup: ({ stores }) => ({ value: { changes: openChanges(), shares: openShares(stores.shares) } }),
    use: [ownTree],
  },
  {
    list: async ({ folder, cursor, limit }, { tree }) => {
      const items = []
      let next: string | undefined
      for await (const child of tree.list(folder, cursor)) {
        if (items.length === limit) return { items, next }
        items.push(child.entry)
        next = child.cursor
      }
      return { items }
    },

    stat: async ({ path }, { tree, errors }) => {
      const file = await tree.stat(path)
      if (!file) throw errors.noSuchFile()
      return file
    },

    remove: async ({ path }, { tree, state, user, errors }) => {
      if (!(await tree.remove(path))) throw errors.noSuchFile()
      state.changes.tell(user.id, { kind: 'removed', path })
    },

    // A copy and then a removal: whoever is stopped in between has the file twice, and never not at all.
    move: async ({ from, to }, { tree, state, user, errors }) => {
      const old = await tree.read(from)
      if (!old) throw errors.noSuchFile()
      const file = await tree.write(to, old.body, null)
      if (!file) throw errors.taken()
      state.changes.tell(user.id, { kind: 'written', file })
      // What somebody uploaded to the old path meanwhile stays there.
      if (await tree.remove(from, old.file.etag)) state.changes.tell(user.id, { kind: 'removed', path: from })
      return file
    },

    upload: async ({ path, body, ifMatch }, { tree, config, state, user, errors }) => {
      const before = await tree.stat(path)
      // The store asks again when it has all bytes; asking first spares those who are late already the upload.
      if (ifMatch !== undefined && ifMatch !== (before?.etag ?? 'none')) throw errors.changed()
      const quotaBytes = config.quotaMiB * 2 ** 20
      const room = quotaBytes - (await usedBytes(tree.files())) + (before?.sizeBytes ?? 0)
      const bounded = atMost(body, room, () => errors.full({ quotaBytes }))
      const file = await tree.write(path, bounded, ifMatch === 'none' ? null : ifMatch)
      if (!file) throw errors.changed()
      state.changes.tell(user.id, { kind: 'written', file })
      return file
    },

    download: async ({ path }, { tree, errors }) => {
      const found = await tree.read(path)
      if (!found) throw errors.noSuchFile()
      return found.body
    },

    watch: async function* (_input, { tree, state, user, signal, errors }) {
      // Watched before what is there is read, so that nothing is missed in between.
      const changes = state.changes.watch(user.id, signal, errors.fellBehind)
      try {
        for await (const file of tree.files()) yield { kind: 'written', file }
        yield* changes
      } finally {
        await changes.cancel()
      }
    },

    share: async ({ path }, { tree, state, user, errors }) => {
      if (!(await tree.stat(path))) throw errors.noSuchFile()
      return { id: await state.shares.create(user.id, path) }
    },

    shared: async ({ id }, { calls, state, stores, errors }) => {
      const share = await state.shares.find(id)
      const file = share && (await treeOf(stores.content, share.ownerId).stat(share.path))
      if (!file) throw errors.noSuchShare()
      const owner = await calls.identity.account.result({ id: share.ownerId })
      if (!owner.ok) throw errors.noSuchShare() // the account is gone, and what it shared with it
      return { file, owner: owner.value, downloads: share.downloads }
    },

    downloadShared: async ({ id }, { state, stores, errors }) => {
      const share = await state.shares.countDownload(id)
      const found = share && (await treeOf(stores.content, share.ownerId).read(share.path))
      if (!found) throw errors.noSuchShare()
      return found.body
    },
  },
)
