import { cursorOf, word } from '@acme/cursors'
import { Account, identity } from '@acme/identity/contract'
import { AtlasError, type ByteStream } from '@atlas/contract'
import { servlet } from '@atlas/sdk'
import { drizzle } from 'drizzle-orm/node-postgres'
import manifest from '../servlet.json' with { type: 'json' }
import type { Content } from './content.ts'
import { type FileInfo, files } from './contract.ts'
import { changesSince, follow, revisionOf } from './journal.ts'
import { ownTree } from './own-tree.ts'
import { atMost } from './quota.ts'

const cursors = cursorOf(word)
const MiB = 2 ** 20

export default servlet(
  files,
  {
    manifest,
    calls: { identity },
    user: Account,
    setup: ({ stores }) => ({ value: drizzle({ client: stores.tree }) }),
    use: [ownTree],
  },
  {
    list: async ({ folder, cursor, limit }, { tree }) => {
      const { entries, end } = await tree.list(folder, cursors.read(cursor) ?? '', limit)
      return { items: entries, next: end === undefined ? undefined : cursors.write(end) }
    },

    stat: async ({ path }, { tree, errors }) => {
      const file = await tree.stat(path)
      if (!file) throw errors.noSuchFile()
      return file
    },

    remove: async ({ path }, { tree, content, errors }) => {
      const file = await tree.remove(path)
      if (!file) throw errors.noSuchFile()
      await content.drop(file.etag)
    },

    move: async ({ from, to }, { tree, errors }) => {
      const moved = await tree.move(from, to)
      if (moved === 'noSuchFile') throw errors.noSuchFile()
      if (moved === 'taken') throw errors.taken()
      return moved
    },

    upload: async ({ path, body, ifMatch }, { tree, content, config, errors }) => {
      await content.clearUp()
      const before = await tree.stat(path)
      // Asked again when all bytes are there; asking first spares those who are late already the upload.
      if (ifMatch !== undefined && ifMatch !== (before?.etag ?? 'none')) throw errors.changed()
      const quotaBytes = config.quotaMiB * MiB
      const full = () => errors.full({ quotaBytes })
      const room = quotaBytes - (await tree.usedBytes()) + (before?.sizeBytes ?? 0)
      const stored = await content.store(atMost(body, room, full))
      const written = await tree.write(path, stored, quotaBytes, ifMatch)
      if (!written.ok) {
        await content.drop(stored.etag)
        throw written.why === 'full' ? full() : errors.changed()
      }
      if (written.replaced) await content.drop(written.replaced)
      return written.file
    },

    download: async ({ path }, { tree, content, errors }) => {
      const body = await bytesOf(() => tree.stat(path), content)
      if (!body) throw errors.noSuchFile()
      return body
    },

    usage: async (_input, { tree, config }) => ({
      usedBytes: await tree.usedBytes(),
      quotaBytes: config.quotaMiB * MiB,
    }),

    watch: async function* (_input, { tree, state, config, user, signal }) {
      // The revision before the files, so that nothing is missed in between.
      const revision = await revisionOf(state, user.id)
      for await (const file of tree.files()) yield { kind: 'written', file, isNew: false }
      yield* follow(state, user.id, revision, { everyMs: config.watchMs, signal })
    },

    fileOf: async ({ accountId, fileId }, { tree, calls, errors }) => {
      const owner = await calls.identity.account.result({ id: accountId })
      // With an account goes what it had.
      const file = owner.ok && (await tree.byId(fileId))
      if (!file) throw errors.noSuchFile()
      return file
    },

    contentOf: async ({ accountId, fileId }, { tree, content, calls, errors }) => {
      const owner = await calls.identity.account.result({ id: accountId })
      const body = owner.ok && (await bytesOf(() => tree.byId(fileId), content))
      if (!body) throw errors.noSuchFile()
      return body
    },

    changesOf: async ({ accountId, since, limit }, { state }) => {
      const entries = await changesSince(state, accountId, since, limit + 1)
      return { entries: entries.slice(0, limit), more: entries.length > limit }
    },
  },
)

/** The bytes of a file. Looked for again where an upload has replaced them between the two looks. */
async function bytesOf(
  find: () => Promise<FileInfo | undefined>,
  content: Content,
): Promise<ByteStream | undefined> {
  for (let looks = 0; looks < 10; looks++) {
    const file = await find()
    if (!file) return undefined
    const body = await content.read(file.etag)
    if (body) return body
  }
  throw new AtlasError('data_loss', 'the bytes of this file are not in the store')
}
