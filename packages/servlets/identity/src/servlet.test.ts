import { open, testDatabase } from '@atlas/sdk/testing'
import { expect, test, vi } from 'vitest'
import identity from './servlet.ts'

// Hashing passwords is work on purpose, and machines that run tests are busy.
vi.setConfig({ testTimeout: 120_000 })

const ada = { email: 'ada@acme.example', name: 'Ada', password: 'correct horse battery' }

test('registers, signs in and says whose token it is', async () => {
  const client = open(identity)
  const account = await client.register({ ...ada, email: 'Ada@Acme.example' })
  expect(account).toEqual({ id: account.id, email: ada.email, name: ada.name })
  const { token, expires } = await client.signIn(ada)
  expect(Date.parse(expires)).toBeGreaterThan(Date.now())
  expect(await client.verify({ token })).toEqual(account)
  expect(await client.account({ id: account.id })).toEqual(account)
})

test('of two who register one email, exactly one wins', async () => {
  const client = open(identity)
  const [first, second] = await Promise.all([client.register.result(ada), client.register.result(ada)])
  const [won, lost] = first.ok ? [first, second] : [second, first]
  if (!won.ok || lost.ok) throw new Error('both won, or neither')
  expect(lost.error).toMatchObject({ code: 'already_exists', kind: 'emailTaken' })
  expect(await client.signIn(ada).then(client.verify)).toEqual(won.value)
  expect(await client.accountByEmail({ email: ada.email })).toEqual(won.value)
})

test('refuses weak passwords and what is no email, all at once', async () => {
  const weak = { name: 'Ada', email: 'ada', password: 'short' }
  await expect(open(identity).register(weak)).rejects.toMatchObject({
    code: 'invalid_argument',
    data: { issues: [{ path: 'email' }, { path: 'password' }] },
  })
})

test('refuses names that nobody can print, and no database can keep', async () => {
  for (const name of ['A\0da', 'Ada\n', 'A\u0007da'])
    await expect(open(identity).register({ ...ada, name: `${name}x` })).rejects.toMatchObject({
      code: 'invalid_argument',
      data: { issues: [{ path: 'name', message: 'must have no control characters' }] },
    })
})

test('a wrong password and an unknown email look the same', async () => {
  const client = open(identity)
  await client.register(ada)
  const wrong = await client.signIn.result({ ...ada, password: 'incorrect horse' })
  const unknown = await client.signIn.result({ ...ada, email: 'eve@acme.example' })
  if (wrong.ok || unknown.ok) throw new Error('signed in')
  expect(wrong.error.kind).toBe('wrongCredentials')
  expect({ ...unknown.error, message: unknown.error.message }).toEqual({
    ...wrong.error,
    message: wrong.error.message,
  })
})

test('slows down who guesses, and nobody else', async () => {
  const client = open(identity)
  await client.register(ada)
  const guesses = []
  for (let n = 0; n < 12; n++) guesses.push(await client.signIn.result({ ...ada, password: `guess ${n}` }))
  const kinds = guesses.map((guess) => !guess.ok && guess.error.kind)
  expect(kinds.filter((kind) => kind === 'wrongCredentials')).toHaveLength(10)
  expect(kinds.filter((kind) => kind === 'tooManyAttempts')).toHaveLength(2)
  await expect(client.signIn(ada)).rejects.toMatchObject({
    code: 'resource_exhausted',
    data: { retryAfterSeconds: expect.any(Number) },
  })
  const eve = { ...ada, email: 'eve@acme.example' }
  await client.register(eve)
  await client.signIn(eve)
})

test('a session ends when its user signs out', async () => {
  const client = open(identity)
  await client.register(ada)
  const { token } = await client.signIn(ada)
  const { token: elsewhere } = await client.signIn(ada)
  await client.signOut({ token })
  await client.signOut({ token })
  await expect(client.verify({ token })).rejects.toMatchObject({ code: 'unauthenticated', kind: 'expired' })
  expect((await client.verify({ token: elsewhere })).email).toBe(ada.email)
})

test('a session ends when its time is over', async () => {
  const client = open(identity, { config: { sessionHours: 0 } })
  await client.register(ada)
  const { token } = await client.signIn(ada)
  await expect(client.verify({ token })).rejects.toMatchObject({ kind: 'expired' })
})

test('keeps neither passwords nor tokens', async () => {
  await using accounts = await testDatabase({ servlet: 'identity', store: 'accounts' })
  const client = open(identity, { stores: { accounts } })
  await client.register(ada)
  const { token } = await client.signIn(ada)
  const tables = ['accounts', 'sessions'].map((table) => accounts.query(`SELECT * FROM ${table}`))
  const rows = JSON.stringify((await Promise.all(tables)).map((result) => result.rows))
  expect(rows).toContain(ada.email)
  expect(rows).not.toContain(token)
  expect(rows).not.toContain(ada.password)
})

test('knows who is signed in', async () => {
  await using accounts = await testDatabase({ servlet: 'identity', store: 'accounts' })
  const stores = { accounts }
  const user = await open(identity, { stores }).register(ada)
  const client = open(identity, { stores, user })
  expect(await client.me()).toEqual(user)
  expect(await client.rename({ name: 'Ada Lovelace' })).toEqual({ ...user, name: 'Ada Lovelace' })
  expect(await client.me()).toMatchObject({ name: 'Ada Lovelace' })
  expect(await client.account({ id: user.id })).toMatchObject({ name: 'Ada Lovelace' })
  await client.signIn(ada)
  await expect(open(identity).me()).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('a closed account is gone, with its sessions', async () => {
  await using accounts = await testDatabase({ servlet: 'identity', store: 'accounts' })
  const stores = { accounts }
  const user = await open(identity, { stores }).register(ada)
  const client = open(identity, { stores, user })
  const { token } = await client.signIn(ada)
  await client.close()
  await client.close()
  await expect(client.verify({ token })).rejects.toMatchObject({ kind: 'expired' })
  await expect(client.me()).rejects.toMatchObject({ kind: 'noSuchAccount' })
  await expect(client.signIn(ada)).rejects.toMatchObject({ kind: 'wrongCredentials' })
  expect((await client.register(ada)).id).not.toBe(user.id)
})

test('the old login still answers, with the token alone', async () => {
  const client = open(identity)
  await client.register(ada)
  const answer = await client.login(ada)
  expect(Object.keys(answer)).toEqual(['token'])
  expect((await client.verify(answer)).email).toBe(ada.email)
})
