import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { newRepository, type TestRepository } from '../fixtures/repository.ts'
import { git } from '../git/git.ts'
import { isContained } from './contained.ts'

const fromTag = '@acme/greeter@1.0.0'
const lines = 'one\ntwo\nthree\nfour\nfive\n'

/** A release, a fix of two commits beside it, and a commit on main that is something else. */
async function fixed(repository: TestRepository) {
  await repository.commit('start', { 'a.txt': lines, 'b.txt': lines })
  await repository.git('tag', fromTag)
  await repository.git('switch', '--quiet', '--create', 'hotfix/greeter-1.0.0')
  const first = await repository.commit('fix a', { 'a.txt': lines.replace('two', 'TWO') })
  const second = await repository.commit('fix b', { 'b.txt': lines.replace('two', 'TWO') })
  await repository.git('switch', '--quiet', 'main')
  await repository.commit('other', { 'c.txt': 'c' })
  return { first, hotfix: { version: '1.0.1', from: '1.0.0', commit: second } }
}

it('is what was merged, what was picked as a whole, and what is declared; not half of it', async () => {
  await using repository = await newRepository()
  const { first, hotfix } = await fixed(repository)
  const { root } = repository
  expect(await isContained(root, hotfix, fromTag)).toBe(false)
  await repository.git('cherry-pick', first)
  expect(await isContained(root, hotfix, fromTag)).toBe(false)
  await repository.git('cherry-pick', hotfix.commit)
  expect(await isContained(root, hotfix, fromTag)).toBe(true)

  await repository.git('reset', '--quiet', '--hard', 'HEAD~2')
  await repository.git('merge', '--quiet', '--no-edit', hotfix.commit)
  expect(await isContained(root, hotfix, fromTag)).toBe(true)

  await repository.git('reset', '--quiet', '--hard', 'HEAD^')
  await repository.commit('the fix in another form', { 'a.txt': 'new', 'b.txt': 'new' })
  expect(await isContained(root, hotfix, fromTag)).toBe(false)
  await repository.git('merge', '--quiet', '--no-edit', '--strategy', 'ours', hotfix.commit)
  expect(await isContained(root, hotfix, fromTag)).toBe(true)
})

it('says what to fetch when a clone does not know', async () => {
  await using repository = await newRepository()
  const { hotfix } = await fixed(repository)
  await repository.commit('more', { 'd.txt': 'd' })
  const clone = join(repository.root, '../', `${repository.root.split('/').at(-1)}-clone`)
  const url = `file://${repository.root}`
  try {
    await git('/', ['clone', '--quiet', '--depth', '1', '--no-tags', url, clone])
    await expect(isContained(clone, hotfix, fromTag)).rejects.toThrow('git fetch --tags --unshallow')
    await git(clone, ['fetch', '--quiet', '--depth', '1', 'origin', hotfix.commit])
    await git(clone, [
      'fetch',
      '--quiet',
      '--depth',
      '1',
      'origin',
      `refs/tags/${fromTag}:refs/tags/${fromTag}`,
    ])
    await expect(isContained(clone, hotfix, fromTag)).rejects.toThrow('from a shallow clone')
  } finally {
    await rm(clone, { recursive: true, force: true })
  }
})
