import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { baseOf } from '../src/git/base.ts'
import { git } from './company.ts'

vi.setConfig({ testTimeout: 240_000 })

let parent: string
/** A repository whose branch `work` left `main` at `start`; checked out is `work`. */
let origin: string
let start: string

beforeEach(async () => {
  // Those of whoever runs this may trust every folder, or have hooks of their own.
  vi.stubEnv('GIT_CONFIG_GLOBAL', '/dev/null')
  vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1')
  parent = await mkdtemp(join(tmpdir(), 'atlas-base-'))
  origin = join(parent, 'origin')
  await mkdir(origin)
  await git(origin, 'init', '--quiet', '--initial-branch', 'main')
  await commit(origin, 'one')
  start = await commit(origin, 'two')
  await git(origin, 'switch', '--quiet', '-c', 'work')
  await commit(origin, 'three')
  await commit(origin, 'four')
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(parent, { recursive: true, force: true, maxRetries: 10 })
})

async function commit(root: string, name: string): Promise<string> {
  await writeFile(join(root, name), name)
  await git(root, 'add', '.')
  await git(root, 'commit', '--quiet', '-m', name)
  return (await git(root, 'rev-parse', 'HEAD')).trim()
}

async function clone(name: string, ...args: string[]): Promise<string> {
  const root = join(parent, name)
  await git(parent, 'clone', '--quiet', ...args, `file://${origin}`, root)
  return root
}

describe('the base of a workspace', () => {
  it('is where HEAD left the branch of the remote, also of a detached HEAD without a branch of that name', async () => {
    const root = await clone('full')
    await git(root, 'checkout', '--quiet', '--detach', 'origin/work')
    await git(root, 'branch', '--quiet', '-D', 'work')
    expect(await baseOf(root)).toEqual({ kind: 'found', commit: start, ref: 'origin/main', prefix: '' })
    expect(await baseOf(origin)).toMatchObject({ kind: 'found', commit: start, ref: 'main' })
    expect(await baseOf(root, 'origin/main')).toMatchObject({ kind: 'found', commit: start })
    await mkdir(join(root, 'inside'))
    expect(await baseOf(join(root, 'inside'))).toMatchObject({ kind: 'found', prefix: 'inside/' })
  })

  it('is the branch itself in a clone of it, shallow or not', async () => {
    const root = await clone('main', '--depth', '1', '--branch', 'main')
    expect(await baseOf(root)).toMatchObject({ kind: 'found', commit: start })
  })

  it.each([
    ['of one branch', ['--single-branch', '--branch', 'work'], ''],
    ['that is shallow', ['--depth', '1', '--branch', 'work'], '--unshallow '],
  ])('is to be fetched into a clone %s, and found then', async (_, args, unshallow) => {
    const root = await clone('clone', ...args)
    const fetching = [
      'fetch',
      ...(unshallow ? ['--unshallow'] : []),
      'origin',
      '+main:refs/remotes/origin/main',
    ]
    expect(await baseOf(root)).toEqual({
      kind: 'not-here',
      why: "there is no 'main' to compare with",
      remedy: `run git ${fetching.join(' ')}`,
    })
    await git(root, ...fetching)
    expect(await baseOf(root)).toMatchObject({ kind: 'found', commit: start })
  })

  it('is to be fetched where CI fetched a commit and nothing else', async () => {
    const root = join(parent, 'fetched')
    await mkdir(root)
    const work = (await git(origin, 'rev-parse', 'work')).trim()
    await git(root, 'init', '--quiet')
    await git(root, 'remote', 'add', 'origin', `file://${origin}`)
    await git(root, 'fetch', '--quiet', 'origin', work)
    await git(root, 'checkout', '--quiet', '--detach', 'FETCH_HEAD')
    expect(await baseOf(root)).toMatchObject({ kind: 'not-here', remedy: expect.stringContaining('+main:') })
    await rename(origin, `${origin}-elsewhere`)
    expect(await baseOf(root)).toMatchObject({
      kind: 'not-here',
      why: expect.stringContaining(
        "no 'main' to compare with, and origin does not say whether it has one: fatal:",
      ),
      remedy: expect.stringContaining('or name a branch, tag or commit that is here: --base'),
    })
    expect(await baseOf(root, 'HEAD^')).toMatchObject({ kind: 'found' })
    // Standing alone is no fault.
    await git(root, 'remote', 'remove', 'origin')
    expect(await baseOf(root)).toMatchObject({ kind: 'none' })
  })

  it('is not found where the history that a shallow clone has does not reach it', async () => {
    const root = await clone('shallow', '--depth', '1', '--no-single-branch', '--branch', 'work')
    expect(await baseOf(root)).toEqual({
      kind: 'not-here',
      why: 'the clone is shallow: where HEAD and origin/main part is not in it',
      remedy: 'run git fetch --unshallow origin +main:refs/remotes/origin/main',
    })
  })

  it('is what the remote has as its HEAD, where that has no such branch', async () => {
    await git(origin, 'switch', '--quiet', 'main')
    await git(origin, 'branch', '--quiet', '-m', 'main', 'trunk')
    const root = await clone('trunk', '--branch', 'work')
    expect(await baseOf(root)).toEqual({ kind: 'found', commit: start, ref: 'origin/trunk', prefix: '' })
    // A branch that is nowhere does not turn the gate off.
    await mkdir(join(root, '.changeset'))
    await writeFile(join(root, '.changeset/config.json'), '{ "baseBranch": "nowhere" }')
    expect(await baseOf(root)).toMatchObject({ kind: 'found', commit: start, ref: 'origin/trunk' })
    await commit(origin, 'five')
    expect(await baseOf(await clone('narrow', '--single-branch', '--branch', 'work'))).toMatchObject({
      kind: 'not-here',
      remedy:
        'write "baseBranch": "trunk" in .changeset/config.json, and run git fetch origin +trunk:refs/remotes/origin/trunk',
    })
    expect(await baseOf(root, 'nowhere')).toMatchObject({ kind: 'not-here' })
  })

  it('is HEAD itself in a clone of a repository that has a detached HEAD and no branch', async () => {
    await git(origin, 'checkout', '--quiet', '--detach')
    await git(origin, 'branch', '--quiet', '-D', 'main', 'work')
    const root = await clone('detached')
    expect(await baseOf(root)).toMatchObject({ kind: 'found', ref: 'origin/HEAD' })
  })

  it('is nothing outside of git, before the first commit, before the first push', async () => {
    const root = join(parent, 'new')
    await mkdir(root)
    const none = (why: string) => ({ kind: 'none', why })
    expect(await baseOf(root)).toEqual(none('this is no git repository'))
    await git(root, 'init', '--quiet', '--initial-branch', 'mine')
    expect(await baseOf(root)).toEqual(none('there is no commit yet'))
    await commit(root, 'one')
    expect(await baseOf(root)).toEqual(
      none("there is no 'main' to compare with, and no remote that may have one"),
    )
    await git(parent, 'init', '--quiet', '--bare', 'empty.git')
    await git(root, 'remote', 'add', 'origin', `file://${parent}/empty.git`)
    expect(await baseOf(root)).toEqual(
      none("there is no 'main' to compare with, and origin has no branch yet"),
    )
    expect(await baseOf(root, 'x')).toMatchObject({
      kind: 'not-here',
      why: "there is no 'x' to compare with, and origin has none",
    })
  })

  it('is refused where histories have nothing in common', async () => {
    await git(origin, 'checkout', '--quiet', '--orphan', 'other')
    await commit(origin, 'other')
    expect(await baseOf(origin)).toEqual({
      kind: 'not-here',
      why: 'HEAD and main have no commit in common',
      remedy: 'begin the branch on main, or name a branch, tag or commit that is here: --base',
    })
  })

  it('is refused where there is a repository that git does not read', async () => {
    vi.stubEnv('GIT_TEST_ASSUME_DIFFERENT_OWNER', '1')
    vi.stubEnv('LC_ALL', 'de_DE.UTF-8')
    expect(await baseOf(origin)).toMatchObject({
      kind: 'not-here',
      remedy: expect.stringContaining('safe.directory'),
    })
    vi.stubEnv('GIT_TEST_ASSUME_DIFFERENT_OWNER', undefined)
    await git(origin, 'config', 'core.repositoryFormatVersion', '99')
    expect(await baseOf(origin)).toMatchObject({
      kind: 'not-here',
      why: expect.stringMatching(/^git does not read this repository: fatal: ./),
    })
    await mkdir(join(parent, 'bin'))
    vi.stubEnv('PATH', join(parent, 'bin'))
    expect(await baseOf(origin)).toMatchObject({
      kind: 'not-here',
      why: 'there is a repository, and no git to read it with',
    })
    expect(await baseOf(parent)).toEqual({ kind: 'none', why: 'this is no git repository' })
  })

  it('is that of the folder, whatever git tells its hooks, also in a worktree', async () => {
    const tree = join(parent, 'tree')
    await git(origin, 'worktree', 'add', '--quiet', '-b', 'more', tree, 'work')
    const saw = join(parent, 'saw')
    await mkdir(join(origin, '.git/hooks'), { recursive: true })
    const hook = join(origin, '.git/hooks/pre-commit')
    await writeFile(hook, `#!/bin/sh\nenv | grep ^GIT_ > ${saw}\n`)
    await chmod(hook, 0o755)
    await commit(tree, 'five')
    const given = execFileSync('cat', [saw], { encoding: 'utf8' })
    expect(given).toMatch(/^GIT_DIR=/m)
    expect(given).toMatch(/^GIT_INDEX_FILE=/m)
    const inner = join(tree, 'inner')
    await mkdir(inner)
    for (const [, name, value] of given.matchAll(/^(\w+)=(.*)$/gm)) vi.stubEnv(name!, value)
    expect(await baseOf(inner)).toEqual({ kind: 'found', commit: start, ref: 'main', prefix: 'inner/' })
    vi.stubEnv('GIT_DIR', '.git')
    vi.stubEnv('GIT_INDEX_FILE', '.git/index')
    expect(await baseOf(inner)).toMatchObject({ kind: 'found', prefix: 'inner/' })
  })
})
