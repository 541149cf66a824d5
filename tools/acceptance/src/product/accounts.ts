import assert from 'node:assert/strict'
import type { ProductCase } from './case.ts'
import { productAt, somebody } from './somebody.ts'

export const accounts: readonly ProductCase[] = [
  {
    name: 'people register, sign in and out',
    run: async (at) => {
      const ada = await somebody(at, 'Ada')
      assert.deepEqual(await ada.identity.me(), ada.account)
      assert.equal((await ada.identity.rename({ name: 'Ada Lovelace' })).name, 'Ada Lovelace')
      await ada.identity.signOut({ token: ada.token })
      await ada.identity.signOut({ token: ada.token })
    },
  },
  {
    name: 'an email is registered once',
    run: async (at) => {
      const { account, password } = await somebody(at)
      const again = { email: account.email.toUpperCase(), name: 'Eve', password }
      await assert.rejects(productAt(at).identity.register(again), {
        code: 'already_exists',
        kind: 'emailTaken',
        httpStatus: 409,
      })
    },
  },
  {
    name: 'a wrong password is a typed error',
    run: async (at) => {
      const { account } = await somebody(at)
      const wrong = await productAt(at).identity.signIn.result({ email: account.email, password: 'wrong' })
      assert.equal(!wrong.ok && wrong.error.kind, 'wrongCredentials')
    },
  },
  {
    name: 'nobody is let in without a token, or with a wrong one',
    run: async (at) => {
      for (const stranger of [productAt(at), productAt(at, 'wrong')])
        await assert.rejects(stranger.files.list(), { code: 'unauthenticated', httpStatus: 401 })
    },
  },
  {
    name: 'internal endpoints answer nobody outside',
    run: async (at) => {
      const ada = await somebody(at)
      const denied = { code: 'permission_denied', httpStatus: 403 }
      const { id } = ada.account
      await assert.rejects(ada.identity.account({ id }), denied)
      await assert.rejects(ada.files.changesOf({ accountId: id }), denied)
      await assert.rejects(ada.sharing.grantsOf({ readerId: id }), denied)
      await assert.rejects(ada.activity.happeningsOf({ accountId: id }), denied)
      const spoofed = await fetch(`${at.url}/accounts/${id}`, {
        headers: { 'x-atlas-listener': 'internal', 'x-atlas-caller': 'files' },
      })
      assert.equal(spoofed.status, 403)
    },
  },
  {
    name: 'a closed account is gone with what it shared',
    run: async (at) => {
      const ada = await somebody(at)
      await ada.files.upload({ path: 'a.txt', body: 'a' })
      const { id } = await ada.sharing.createLink({ path: 'a.txt' })
      await ada.identity.close()
      const signIn = { email: ada.account.email, password: ada.password }
      await assert.rejects(productAt(at).identity.signIn(signIn), { kind: 'wrongCredentials' })
      await assert.rejects(productAt(at).sharing.openLink({ id }), { kind: 'noSuchLink' })
    },
  },
]
