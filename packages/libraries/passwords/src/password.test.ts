import { scryptSync } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { hashPassword, isPassword, nobodysHash } from './password.ts'

vi.setConfig({ testTimeout: 120_000 })

test('knows a password again, and no other', async () => {
  const stored = await hashPassword('correct horse')
  expect(await isPassword('correct horse', stored)).toBe(true)
  expect(await isPassword('correct horsf', stored)).toBe(false)
  expect(await isPassword('', stored)).toBe(false)
})

test('two hashes of one password differ', async () => {
  const [one, other] = await Promise.all([hashPassword('same'), hashPassword('same')])
  expect(one.hash).not.toBe(other.hash)
})

test('reads hashes made with other parameters', async () => {
  const salt = Buffer.from('salt')
  const hash = scryptSync('old password', salt, 64, { cost: 1024, blockSize: 4, parallelization: 1 })
  const stored = {
    ...{ cost: 1024, blockSize: 4, parallelization: 1 },
    ...{ salt: salt.toString('base64'), hash: hash.toString('base64') },
  }
  expect(await isPassword('old password', stored)).toBe(true)
  expect(await isPassword('new password', stored)).toBe(false)
})

test('a password typed with other code points for the same letters is the same', async () => {
  expect(await isPassword('cafe\u0301 au lait', await hashPassword('caf\u00e9 au lait'))).toBe(true)
})

test('nobody has a password, and hashing for nobody is the same work', async () => {
  const { salt: _, hash: __, ...parameters } = await hashPassword('')
  expect(nobodysHash).toMatchObject(parameters)
  expect(await isPassword('', nobodysHash)).toBe(false)
})
