import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Changeset } from '../changesets/changeset.ts'
import { linksAt } from '../git/links.ts'
import type { PlannedRelease } from '../plan/plan.ts'
import { releaseNotes, withNotes } from './changelog.ts'
import { finishChanges, makeChanges } from './journal.ts'
import { changedLockfile, changedManifest } from './manifests.ts'

const files: PlannedRelease = {
  package: '@acme/files',
  dir: 'packages/servlets/files',
  servlet: 'files',
  owner: 'storage',
  from: '1.4.2',
  to: '2.0.0',
  bump: 'major',
  certain: true,
  causes: [{ kind: 'changeset', id: '.changeset/a.md' }],
}

function changeset(bump: 'major' | 'patch', summary: string): Changeset {
  return { file: `.changeset/${bump}.md`, releases: new Map([['@acme/files', bump]]), summary, accepts: [] }
}

describe('release notes', () => {
  it('say what changesets say, the greatest step first', () => {
    const notes = releaseNotes(files, [
      changeset('patch', 'Faster.'),
      changeset('major', 'Ids.\n\n- Breaking: share'),
    ])
    expect(notes).toBe(
      '## 2.0.0\n\n### Major Changes\n\n- Ids.\n\n  - Breaking: share\n\n### Patch Changes\n\n- Faster.\n',
    )
  })

  it('refer to the commit and the pull request that a changeset came with, linked where the host is known', () => {
    const origins = new Map([['.changeset/major.md', { commit: 'abcdef1234567890', pull: '12' }]])
    const changesets = [changeset('major', 'Ids.\n\nMore.'), changeset('patch', 'Faster.')]
    expect(releaseNotes(files, changesets, { origins })).toBe(
      '## 2.0.0\n\n### Major Changes\n\n- Ids. (#12, abcdef1)\n\n  More.\n\n### Patch Changes\n\n- Faster.\n',
    )
    const links = linksAt('https://github.com/acme/shop')
    expect(releaseNotes(files, changesets, { origins, links })).toContain(
      '- Ids. ([#12](https://github.com/acme/shop/pull/12), [abcdef1](https://github.com/acme/shop/commit/abcdef1234567890))\n',
    )
  })

  it('say why there is a release that nobody declared', () => {
    const notes = releaseNotes(
      {
        ...files,
        to: '1.4.3',
        bump: 'patch',
        certain: false,
        causes: [{ kind: 'sources', packages: ['@acme/cursors'] }],
      },
      [],
    )
    expect(notes).toBe('## 1.4.3\n\n### Patch Changes\n\n- Contains what is new in @acme/cursors\n')
  })

  it('go to the top of a changelog, once', () => {
    const first = withNotes(undefined, '@acme/files', '## 1.0.0\n\n- One\n')
    const second = withNotes(first, '@acme/files', '## 1.1.0\n\n- Two\n')
    expect(second).toBe('# @acme/files\n\n## 1.1.0\n\n- Two\n\n## 1.0.0\n\n- One\n')
    expect(withNotes(second, '@acme/files', '## 1.1.0\n\n- Two\n')).toBe(second)
  })
})

describe('package.json after a release', () => {
  it('has its version and ranges, and otherwise the text as it was written', () => {
    const text =
      '{\n  "name": "@acme/files",\n  "version": "1.4.2",\n  "files": ["a", "b"],\n  "dependencies": { "@acme/identity": "^1.0.0" }\n}\n'
    expect(changedManifest(text, { version: '2.0.0', ranges: { '@acme/identity': '^2.0.0' } })).toBe(
      text.replace('1.4.2', '2.0.0').replace('^1.0.0', '^2.0.0'),
    )
  })

  it('is right where another version comes first in the text', () => {
    const text = '{"engines":{"version":"9.0.0"},"version":"1.4.2"}'
    expect(JSON.parse(changedManifest(text, { version: '2.0.0', ranges: {} }))).toEqual({
      engines: { version: '9.0.0' },
      version: '2.0.0',
    })
  })

  it('is the same in the lockfile', () => {
    const lock = JSON.stringify({
      packages: { 'packages/a': { version: '1.0.0', dependencies: { b: '^1.0.0' } } },
    })
    const changed = changedLockfile(
      lock,
      new Map([['packages/a', { version: '1.0.1', ranges: { b: '^2.0.0' } }]]),
    )
    expect(JSON.parse(changed)).toEqual({
      packages: { 'packages/a': { version: '1.0.1', dependencies: { b: '^2.0.0' } } },
    })
  })
})

describe('changes of files', () => {
  it('are made whole by whoever comes after a kill, wherever it came', { timeout: 120_000 }, async () => {
    const root = await mkdtemp(join(tmpdir(), 'atlas-journal-'))
    const many = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`p/${index}.txt`, `new ${index}`]),
    )
    const changes = { base: 'c', what: 'a test', files: { ...many, 'gone.md': null } }
    const child = `import { makeChanges } from ${JSON.stringify(new URL('./journal.ts', import.meta.url).href)}
      await makeChanges(process.argv[2], JSON.parse(process.argv[3]))`
    await writeFile(join(root, 'child.mjs'), child)
    for (const afterMs of [60, 80, 100, 120, 140, 160, 180, 200, 250, 400]) {
      await rm(join(root, 'p'), { recursive: true, force: true })
      await mkdir(join(root, 'p'))
      for (const file of Object.keys(many)) await writeFile(join(root, file), 'old')
      await writeFile(join(root, 'gone.md'), 'old')
      try {
        execFileSync(process.execPath, [join(root, 'child.mjs'), root, JSON.stringify(changes)], {
          timeout: afterMs,
          killSignal: 'SIGKILL',
          stdio: 'ignore',
        })
      } catch {}
      const texts = await Promise.all(Object.keys(many).map((file) => readFile(join(root, file), 'utf8')))
      const isBegun = existsSync(join(root, '.atlas/release/journal.json'))
      const isNew = texts.every((text) => text.startsWith('new')) && !existsSync(join(root, 'gone.md'))
      const isOld = texts.every((text) => text === 'old') && existsSync(join(root, 'gone.md'))
      expect(isBegun || isNew || isOld).toBe(true)
      await finishChanges(root)
      if (!isBegun) continue
      for (const [file, text] of Object.entries(many))
        expect(await readFile(join(root, file), 'utf8')).toBe(text)
      expect(existsSync(join(root, 'gone.md'))).toBe(false)
    }
    // A journal that nobody finished, as a kill right after it was written leaves it.
    await makeChanges(root, changes)
    await writeFile(join(root, 'p/0.txt'), 'old')
    await writeFile(join(root, '.atlas/release/journal.json'), JSON.stringify(changes))
    expect(await finishChanges(root)).toEqual(changes)
    expect(await readFile(join(root, 'p/0.txt'), 'utf8')).toBe('new 0')
    expect(await finishChanges(root)).toBeUndefined()
    await rm(root, { recursive: true, force: true })
  })
})
