import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { git } from '../git/git.ts'
import { beginChanges } from '../version/journal.ts'
import { resumeCommit } from './commit.ts'

async function ok(root: string, ...args: string[]): Promise<string> {
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false']
  const { ok, stdout, stderr } = await git(root, [...who, ...args])
  if (!ok) throw new Error(`git ${args.join(' ')}: ${stderr}`)
  return stdout.trim()
}

for (const staged of ['nothing', 'everything'])
  it(`completes a commit that was killed when ${staged} was staged, and one that was made`, async () => {
    const root = await mkdtemp(join(tmpdir(), 'atlas-commit-'))
    try {
      await ok(root, 'init', '--quiet', '--initial-branch', 'main')
      await writeFile(join(root, 'gone.md'), 'gone\n')
      await writeFile(join(root, '.gitignore'), '.atlas\n')
      await ok(root, 'add', '.')
      await ok(root, 'commit', '--quiet', '-m', 'start')
      const changes = {
        base: await ok(root, 'rev-parse', 'HEAD'),
        what: 'Release greeter',
        files: { 'gone.md': null, 'folder/new.md': 'new\n' },
      }
      await beginChanges(root, changes)
      if (staged === 'everything') await ok(root, 'add', '--all')
      expect(await resumeCommit(root)).toBe(true)
      expect(await ok(root, 'log', '-1', '--format=%s')).toBe('Release greeter')
      expect(await ok(root, 'status', '--porcelain')).toBe('')
      expect(await ok(root, 'ls-files')).toBe('.gitignore\nfolder/new.md')
      expect(await readFile(join(root, 'folder/new.md'), 'utf8')).toBe('new\n')
      // Killed after the commit, before the journal was forgotten.
      await beginChanges(root, changes)
      expect(await resumeCommit(root)).toBe(true)
      expect(await ok(root, 'rev-list', '--count', 'HEAD')).toBe('2')
      expect(await resumeCommit(root)).toBe(false)
    } finally {
      await rm(root, { recursive: true, force: true })
    }
  })
