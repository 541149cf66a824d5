import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { newRepository } from '../fixtures/repository.ts'
import { originsOf } from './origins.ts'

it('finds the commit and the pull request that brought a changeset', async () => {
  await using repository = await newRepository()
  const file = (name: string) => `.changeset/${name}.md`
  const plain = await repository.commit('Plain', { [file('plain')]: 'a\n' })
  const squashed = await repository.commit('Squashed (#12)\n\nIt closes #11.', { [file('squashed')]: 'a\n' })
  await repository.git('switch', '--quiet', '--create', 'topic')
  await repository.commit('On a branch', { [file('merged')]: 'a\n' })
  await repository.git('switch', '--quiet', 'main')
  await repository.git(
    ...['merge', '--quiet', '--no-ff', 'topic', '-m'],
    'Merge pull request #13 from acme/topic\n\nA topic',
  )
  const merged = await repository.git('rev-parse', 'HEAD')
  const lab = await repository.commit("Merge branch 'x' into 'main'\n\nX\n\nSee merge request acme/shop!14", {
    [file('lab')]: 'a\n',
  })
  // What is only changed later came when it came.
  await repository.commit('Words (#15)', { [file('plain')]: 'b\n' })
  const names = ['plain', 'squashed', 'merged', 'lab', 'uncommitted'].map(file)
  expect(await originsOf(repository.root, names)).toEqual(
    new Map([
      [file('plain'), { commit: plain }],
      [file('squashed'), { commit: squashed, pull: '12' }],
      [file('merged'), { commit: merged, pull: '13' }],
      [file('lab'), { commit: lab, pull: '14' }],
    ]),
  )
  expect(await originsOf(repository.root, [])).toEqual(new Map())
})

it('says nothing of what came before a shallow clone begins', async () => {
  await using repository = await newRepository()
  await repository.commit('Old', { '.changeset/old.md': 'a\n' })
  const edge = await repository.commit('Edge', { 'other.md': 'a\n' })
  const young = await repository.commit('Young', { '.changeset/young.md': 'a\n' })
  const clone = await mkdtemp(join(tmpdir(), 'atlas-shallow-'))
  try {
    execFileSync('git', ['clone', '--quiet', '--depth', '2', `file://${repository.root}`, clone])
    expect(execFileSync('git', ['rev-parse', 'HEAD^'], { cwd: clone, encoding: 'utf8' }).trim()).toBe(edge)
    expect(await originsOf(clone, ['.changeset/old.md', '.changeset/young.md'])).toEqual(
      new Map([['.changeset/young.md', { commit: young }]]),
    )
  } finally {
    await rm(clone, { recursive: true, force: true })
  }
})
