import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { advance } from '../environment/advance.ts'
import { newRepository } from '../fixtures/repository.ts'
import type { ReleaseFacts } from '../plan/facts.ts'
import { planRelease } from '../plan/plan-release.ts'
import { freePatch } from './cut-hotfix.ts'
import { hotfixesText, readHotfixes } from './hotfixes-file.ts'
import { changeTrunk } from './trunk.ts'

const platform = { node: '24.21.0', base: 'sha256:a', runtime: '1.0.0' }

function facts(contained: boolean, bump: 'patch' | 'minor' | undefined): ReleaseFacts {
  return {
    commit: 'c',
    packages: [
      {
        name: '@acme/greeter',
        dir: 'packages/servlets/greeter',
        kind: 'servlet',
        version: '1.0.0',
        dependencies: {},
        devDependencies: {},
        sources: 'changed',
        externals: '',
        servlet: { name: 'greeter', owner: 'web', calls: [] },
      },
    ],
    changesets: bump
      ? [{ file: '.changeset/a.md', releases: new Map([['@acme/greeter', bump]]), summary: 'a', accepts: [] }]
      : [],
    released: { greeter: { version: '1.0.0', content: 'x', sources: 'before', platform } },
    platform,
    heldBy: {},
    hotfixes: { greeter: [{ version: '1.0.1', contained }] },
  }
}

it('holds a servlet that lacks its hotfix, with the remedy and its changesets', () => {
  const { releases, held } = planRelease(facts(false, 'minor'))
  expect(releases).toEqual([])
  expect(held).toMatchObject([{ servlet: 'greeter', changesets: ['.changeset/a.md'], by: [] }])
  expect(held[0]!.steps[0]).toContain('git merge @acme/greeter@1.0.1')
})

it('gives the next release a version that no hotfix has', () => {
  for (const [bump, to] of [
    [undefined, '1.0.2'],
    ['patch', '1.0.2'],
    ['minor', '1.1.0'],
  ] as const)
    expect(planRelease(facts(true, bump)).releases).toMatchObject([{ from: '1.0.0', to }])
  expect(freePatch('1.4.0', new Set(['1.4.1', '1.4.2']))).toBe('1.4.3')
  expect(() => freePatch('1.4.0-beta.1', new Set())).toThrow('is not a version that a patch can follow')
})

it('keeps an environment at its hotfix, and moves others', () => {
  const digest = `sha256:${'0'.repeat(64)}`
  const environment = { pins: {}, freezes: {} } as unknown as Parameters<typeof advance>[0]
  const hotfixes = { greeter: [{ version: '1.0.1', from: '1.0.0', commit: 'c' }] }
  const next = { greeter: { version: '1.1.0', digest } }
  const at = (version: string) =>
    advance(environment, { greeter: { version, digest } }, next, '2026-11-25', hotfixes)
  expect(at('1.0.1')).toMatchObject({ changed: [], stopped: [{ servlet: 'greeter' }] })
  expect(at('1.0.0')).toMatchObject({ changed: ['greeter'], stopped: [] })
})

it('reads what it writes, and says what is wrong with anything else', async () => {
  await using repository = await newRepository()
  const { root, commit } = repository
  expect(await readHotfixes(root)).toEqual({})
  const hotfixes = { greeter: [{ version: '1.0.1', from: '1.0.0', commit: 'c' }] }
  await commit('x', { 'infra/hotfixes.json': hotfixesText(hotfixes) })
  expect(await readHotfixes(root)).toEqual(hotfixes)
  for (const text of ['<<<<<<<', '{ "greeter": [] }', '{ "greeter": [{ "version": 1 }] }']) {
    await commit('x', { 'infra/hotfixes.json': text })
    await expect(readHotfixes(root)).rejects.toThrow('git checkout HEAD -- infra/hotfixes.json')
  }
})

it('changes the trunk on its remote, again when somebody was quicker, and leaves what is checked out alone', async () => {
  await using repository = await newRepository()
  const remote = await mkdtemp(join(tmpdir(), 'atlas-remote-'))
  try {
    const { root, git, commit } = repository
    await commit('start', { '.gitignore': '.atlas\n', 'a.txt': 'a' })
    await git('init', '--quiet', '--bare', remote)
    await git('remote', 'add', 'origin', remote)
    await git('push', '--quiet', 'origin', 'main')
    await git('switch', '--quiet', '--create', 'work')
    let turn = 0
    await changeTrunk(root, { remote: 'origin', branch: 'main' }, async () => {
      turn += 1
      if (turn === 1) {
        const quicker = await git('commit-tree', '-p', 'main', '-m', 'quicker', 'main^{tree}')
        await git('push', '--quiet', 'origin', `${quicker}:refs/heads/main`)
      }
      return { files: { 'b.txt': 'b' }, message: 'change' }
    })
    expect(turn).toBe(2)
    await git('fetch', '--quiet')
    expect(await git('log', '--format=%s', 'origin/main')).toBe('change\nquicker\nstart')
    expect(await git('show', 'origin/main:b.txt')).toBe('b')
    expect(await git('branch', '--show-current')).toBe('work')
    expect(await git('status', '--porcelain')).toBe('')
    expect(await git('worktree', 'list')).not.toContain('.atlas')

    // Without a remote the branch itself is moved, if nobody has it checked out.
    const here = { remote: undefined, branch: 'main' }
    await changeTrunk(root, here, async () => ({ files: { 'c.txt': 'c' }, message: 'here' }))
    expect(await git('log', '-1', '--format=%s', 'main')).toBe('here')
    await git('switch', '--quiet', 'main')
    await expect(changeTrunk(root, here, async () => undefined)).rejects.toThrow('main is checked out')
  } finally {
    await rm(remote, { recursive: true, force: true })
  }
})
