import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newRepository } from '../fixtures/repository.ts'
import { linksAt, linksOf } from './links.ts'

describe('links', () => {
  it.each([
    'https://github.com/acme/shop.git',
    'https://github.com/acme/shop/',
    'https://x-access-token:secret@github.com/acme/shop',
    'git+https://github.com/acme/shop.git',
    'git@github.com:acme/shop.git',
    'ssh://git@github.com:22/acme/shop.git',
  ])('of %s are those of its host, without names and tokens', (address) => {
    const links = linksAt(address)!
    expect(links.commit('abc')).toBe('https://github.com/acme/shop/commit/abc')
    expect(links.pull('12')).toBe('https://github.com/acme/shop/pull/12')
    expect(links.file('packages/a b/CHANGELOG.md', '@acme/a@1.0.0')).toBe(
      'https://github.com/acme/shop/blob/@acme/a@1.0.0/packages/a%20b/CHANGELOG.md',
    )
  })

  it('have the form of each host', () => {
    expect(linksAt('git@gitlab.acme.example:tools/shop.git')!.pull('3')).toBe(
      'https://gitlab.acme.example/tools/shop/-/merge_requests/3',
    )
    expect(linksAt('https://bitbucket.org/acme/shop')!.commit('abc')).toBe(
      'https://bitbucket.org/acme/shop/commits/abc',
    )
  })

  it.each([
    '',
    '../remote.git',
    '/srv/github/shop.git',
    'file:///srv/shop.git',
    'https://code.acme.example/shop',
  ])("of '%s' are unknown", (address) => {
    expect(linksAt(address)).toBeUndefined()
  })

  it('are those of package.json, or of the remote', async () => {
    await using repository = await newRepository()
    const manifest = (value: object) =>
      writeFile(join(repository.root, 'package.json'), JSON.stringify(value))
    await manifest({})
    expect(await linksOf(repository.root)).toBeUndefined()
    await repository.git('remote', 'add', 'origin', 'git@gitlab.com:acme/shop.git')
    expect((await linksOf(repository.root))!.commit('a')).toBe('https://gitlab.com/acme/shop/-/commit/a')
    await manifest({ repository: 'acme/store' })
    expect((await linksOf(repository.root))!.commit('a')).toBe('https://github.com/acme/store/commit/a')
    await manifest({ repository: { url: 'git+https://bitbucket.org/acme/store.git' } })
    expect((await linksOf(repository.root))!.commit('a')).toBe('https://bitbucket.org/acme/store/commits/a')
  })
})
