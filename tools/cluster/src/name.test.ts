import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { identity } from './name.ts'

const folder = await mkdtemp(join(tmpdir(), 'atlas-name-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

test('is the same for a checkout however it is reached, and another for another', async () => {
  const link = join(folder, 'link')
  await symlink(folder, link)
  expect(identity(link)).toEqual(identity(folder))
  expect(identity(tmpdir()).id).not.toBe(identity(folder).id)
})

test('is another for another name', () => {
  expect(identity(folder, 'test').id).not.toBe(identity(folder).id)
  expect(identity(folder, 'test').folder).toBe(join(identity(folder).folder, '..', 'test'))
})

test.each(['', '-a', 'a-', 'A', 'a/b', '..', 'a'.repeat(33)])('refuses the name %j', (name) => {
  expect(() => identity(folder, name)).toThrow(/cannot be the name of a cluster: use/)
})
