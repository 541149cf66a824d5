import assert from 'node:assert/strict'
import type { ProductCase } from './case.ts'
import { productAt, somebody, textOf } from './somebody.ts'

export const sharing: readonly ProductCase[] = [
  {
    name: 'a link with a password opens for whoever knows both, also after the file has moved',
    run: async (at) => {
      const ada = await somebody(at)
      await ada.files.upload({ path: 'notes/plan.md', body: new Blob(['# Plan'], { type: 'text/markdown' }) })
      const { id } = await ada.sharing.createLink({ path: 'notes/plan.md', password: 'jacquard' })
      await ada.files.move({ from: 'notes/plan.md', to: 'plan.md' })
      const stranger = productAt(at)
      await assert.rejects(stranger.sharing.openLink({ id }), { kind: 'needsPassword', httpStatus: 401 })
      await assert.rejects(stranger.sharing.openLink({ id, password: 'wrong' }), {
        kind: 'wrongPassword',
        httpStatus: 403,
      })
      const { ticket, file, owner } = await stranger.sharing.openLink({ id, password: 'jacquard' })
      assert.deepEqual([file.name, owner], ['plan.md', 'Ada'])
      assert.equal(await textOf(await stranger.sharing.downloadLink({ id, ticket })), '# Plan')
      const preview = await stranger.previews.link({ id, ticket })
      assert.match(await textOf(preview), /<h1>Plan<\/h1>/)
      await assert.rejects(stranger.sharing.downloadLink({ id, ticket: 'guessed' }), { kind: 'noTicket' })
    },
  },
  {
    name: 'a link ends when its owner says so',
    run: async (at) => {
      const ada = await somebody(at)
      await ada.files.upload({ path: 'a', body: 'a' })
      const expires = new Date(Date.now() - 1000).toISOString()
      await assert.rejects(ada.sharing.createLink({ path: 'a', expires }), { kind: 'expiryOutOfRange' })
      const { id } = await ada.sharing.createLink({ path: 'a' })
      await ada.sharing.removeLink({ id })
      await assert.rejects(productAt(at).sharing.openLink({ id }), { kind: 'noSuchLink', httpStatus: 404 })
    },
  },
  {
    name: 'a file is read by whom its owner lets, and by nobody else',
    run: async (at) => {
      const [ada, eve, mallory] = await Promise.all([somebody(at), somebody(at, 'Eve'), somebody(at)])
      await ada.files.upload({ path: 'plan.md', body: 'plan' })
      const grant = await ada.sharing.grant({ path: 'plan.md', email: eve.account.email })
      const { items } = await eve.sharing.received()
      assert.deepEqual(
        items.map(({ id, owner }) => [id, owner.name]),
        [[grant.id, 'Ada']],
      )
      assert.equal(await textOf(await eve.sharing.download({ id: grant.id })), 'plan')
      await assert.rejects(mallory.sharing.download({ id: grant.id }), { kind: 'noSuchGrant' })
      await assert.rejects(eve.files.download({ path: 'plan.md' }), { kind: 'noSuchFile' })
      await ada.sharing.revoke({ id: grant.id })
      await assert.rejects(eve.sharing.download({ id: grant.id }), { kind: 'noSuchGrant' })
    },
  },
]
