import { memoryBlobs, open } from '@atlas/sdk/testing'
import { expect, test } from 'vitest'
import identity from './servlet.ts'

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
  const accounts = memoryBlobs()
  const client = open(identity, { stores: { accounts } })
  const [first, second] = await Promise.all([client.register.result(ada), client.register.result(ada)])
  const [won, lost] = first.ok ? [first, second] : [second, first]
  if (!won.ok || lost.ok) throw new Error('both won, or neither')
  expect(lost.error).toMatchObject({ code: 'already_exists', kind: 'emailTaken' })
  expect(await client.signIn(ada).then(client.verify)).toEqual(won.value)
  expect(await accounts.list({ prefix: 'by-id/' })).toHaveLength(1)
})

test('refuses weak passwords and what is no email, all at once', async () => {
  const weak = { name: 'Ada', email: 'ada', password: 'short' }
  await expect(open(identity).register(weak)).rejects.toMatchObject({
    code: 'invalid_argument',
    data: { issues: [{ path: 'email' }, { path: 'password' }] },
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
  const guesses = await Promise.all(
    Array.from({ length: 12 }, (_, n) => client.signIn.result({ ...ada, password: `guess ${n}` })),
  )
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
  const sessions = memoryBlobs()
  const client = open(identity, { stores: { sessions }, config: { sessionHours: 0 } })
  await client.register(ada)
  const { token } = await client.signIn(ada)
  await expect(client.verify({ token })).rejects.toMatchObject({ kind: 'expired' })
  expect(await sessions.list()).toEqual([])
})

test('keeps neither passwords nor tokens, and no email in a key', async () => {
  const accounts = memoryBlobs()
  const sessions = memoryBlobs()
  const client = open(identity, { stores: { accounts, sessions } })
  await client.register(ada)
  const { token } = await client.signIn(ada)
  for (const store of [accounts, sessions])
    for (const { key } of await store.list()) {
      const text = await new Response((await store.get(key))!.body).text()
      expect(key + text).not.toContain(token)
      expect(key + text).not.toContain(ada.password)
      expect(key).not.toContain('ada@')
    }
})

test('knows who is signed in', async () => {
  const stores = { accounts: memoryBlobs() }
  const user = await open(identity, { stores }).register(ada)
  const client = open(identity, { stores, user })
  expect(await client.me()).toEqual(user)
  expect(await client.rename({ name: 'Ada Lovelace' })).toEqual({ ...user, name: 'Ada Lovelace' })
  expect(await client.me()).toMatchObject({ name: 'Ada Lovelace' })
  expect(await client.account({ id: user.id })).toMatchObject({ name: 'Ada Lovelace' })
  await client.signIn(ada)
  await expect(open(identity).me()).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('the old login still answers, with the token alone', async () => {
  const client = open(identity)
  await client.register(ada)
  const answer = await client.login(ada)
  expect(Object.keys(answer)).toEqual(['token'])
  expect((await client.verify(answer)).email).toBe(ada.email)
})
