import assert from 'node:assert/strict'
import type { ProductCase } from './case.ts'
import { productAt, somebody, textOf } from './somebody.ts'

export const reading: readonly ProductCase[] = [
  {
    name: 'search finds own files at once, and those of others where they are shared',
    run: async (at) => {
      const [ada, eve] = await Promise.all([somebody(at), somebody(at, 'Eve')])
      await ada.files.upload({ path: 'secret/team-plan.md', body: 'plan' })
      const find = async (who: typeof ada, q: string) =>
        (await who.search.find({ q })).items.map(({ path }) => path)
      assert.deepEqual(await find(ada, 'plan'), ['secret/team-plan.md'])
      assert.deepEqual(await find(eve, 'plan'), [])
      const { id } = await ada.sharing.grant({ path: 'secret/team-plan.md', email: eve.account.email })
      assert.deepEqual([await find(eve, 'pla'), await find(eve, 'secret')], [['team-plan.md'], []])
      await ada.sharing.revoke({ id })
      assert.deepEqual(await find(eve, 'plan'), [])
    },
  },
  {
    name: 'the feed says what happened, newest first',
    run: async (at) => {
      const ada = await somebody(at)
      await ada.files.upload({ path: 'a', body: 'a' })
      await ada.files.upload({ path: 'a', body: 'b' })
      await ada.files.move({ from: 'a', to: 'b' })
      const { id } = await ada.sharing.createLink({ path: 'b' })
      await productAt(at).sharing.openLink({ id })
      const first = await ada.activity.feed({ limit: 2 })
      const rest = await ada.activity.feed({ cursor: first.next })
      assert.deepEqual(
        [...first.items, ...rest.items].map(({ what }) => what.kind),
        ['opened', 'linked', 'moved', 'changed', 'added'],
      )
    },
  },
  {
    name: 'notifications are streamed as they come, counted and read',
    run: async (at) => {
      const [ada, eve] = await Promise.all([somebody(at), somebody(at, 'Eve')])
      for (const path of ['a', 'b']) await ada.files.upload({ path, body: path })
      await ada.sharing.grant({ path: 'a', email: eve.account.email })
      const seen: string[] = []
      let last = 0
      for await (const { id, text } of eve.notifications.watch()) {
        seen.push(text)
        last = id
        if (seen.length === 1) await ada.sharing.grant({ path: 'b', email: eve.account.email })
        if (seen.length === 2) break
      }
      assert.deepEqual(seen, ['Ada lets you read a', 'Ada lets you read b'])
      assert.deepEqual(await eve.notifications.unread(), { unread: 2 })
      assert.deepEqual(await eve.notifications.read({ upTo: last }), { unread: 0 })
      assert.equal((await ada.notifications.list()).items.length, 0)
    },
  },
  {
    name: 'previews show files, and say what they cannot show',
    run: async (at) => {
      const ada = await somebody(at)
      const csv = new Blob(['a,b\n1,2\n'], { type: 'text/csv' })
      await ada.files.upload({ path: 'numbers.csv', body: csv })
      const preview = await ada.previews.file({ path: 'numbers.csv' })
      assert.equal(preview.contentType, 'text/html; charset=utf-8')
      assert.match(await textOf(preview), /<td>2<\/td>/)
      await ada.files.upload({ path: 'film.mp4', body: Uint8Array.of(0xff, 0x00) })
      await assert.rejects(ada.previews.file({ path: 'film.mp4' }), {
        kind: 'noPreview',
        data: { contentType: 'application/octet-stream' },
      })
    },
  },
]
