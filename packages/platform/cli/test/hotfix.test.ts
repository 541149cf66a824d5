import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { noDebian } from '@atlas/tools-registries'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Company, commit, git, run } from './company.ts'
import { companyWithRemote, type ReleaseRegistries, releaseRegistries } from './release-company.ts'

// Each releases to real registries, one of them dozens of times.
vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 400_000 })

const servlet = 'packages/servlets/greeter/src/servlet.ts'
const contract = 'packages/servlets/greeter/src/contract.ts'

describe.skipIf(noDebian)('atlas hotfix', () => {
  let registries: ReleaseRegistries
  beforeAll(async () => {
    registries = await releaseRegistries()
  })
  afterAll(() => registries?.close())

  const to = (scope: string) => [
    '--npm',
    registries.npm.url,
    '--registry',
    `${registries.oci.url}/${scope}`,
    '--no-tests',
  ]

  /** A company whose greeter is released, and then released again as a minor that `production` runs or not. */
  async function released(scope: string): Promise<{ company: Company; first: string }> {
    const company = await companyWithRemote(scope, registries.base)
    const run = await company.atlas('release', 'run', ...to(scope))
    if (run.code !== 0) throw new Error(run.stderr)
    const first = JSON.parse(await company.read('packages/servlets/greeter/package.json')) as {
      version: string
    }
    return { company, first: first.version }
  }

  async function changeGreeting(company: Company, greeting: string): Promise<void> {
    const text = await company.read(servlet)
    const changed = text.replace(/`\w+ \$/, () => `\`${greeting} $`)
    if (changed === text) throw new Error(text)
    await company.write(servlet, changed)
  }

  async function lockOf(company: Company, ref: string): Promise<Record<string, string>> {
    const text = await git(company.root, 'show', `${ref}:infra/environments/production.lock.json`)
    return JSON.parse(text) as Record<string, string>
  }

  const imagesOf = async (scope: string) => {
    const answer = await fetch(`${registries.oci.url}/v2/${scope}/greeter/tags/list`)
    const { tags } = (await answer.json()) as { tags: string[] }
    return tags.filter((tag) => !tag.startsWith('sha256')).sort()
  }

  it('fixes what runs, and lets nothing else of the servlet out that does not contain the fix', async () => {
    const { company, first } = await released('fixed')
    await using _ = company
    const [line, patch] = [first.slice(0, first.lastIndexOf('.')), Number(first.split('.')[2])]
    const fixed = `${line}.${patch + 1}`
    // Meanwhile main has gone on, and is not ready to go out.
    await changeGreeting(company, 'Goodbye')
    await commit(company, 'something risky')
    await git(company.root, 'push', '--quiet')

    const begun = await company.atlas('hotfix', 'greeter', '--from', first, '--json')
    expect(begun, begun.stderr).toMatchObject({ code: 0 })
    expect(JSON.parse(begun.stdout)).toMatchObject({
      branch: `hotfix/greeter-${first}`,
      resumed: false,
      onto: 'main',
    })
    const nothing = await company.atlas('hotfix', 'greeter', '--release', ...to('fixed'))
    expect(nothing).toMatchObject({ code: 1 })
    expect(nothing.stderr).toContain('nothing was committed since')
    expect(
      JSON.parse((await company.atlas('hotfix', 'greeter', '--from', first, '--json')).stdout),
    ).toMatchObject({ resumed: true })

    const before = await company.read(contract)
    await company.write(contract, before.replace('z.string().min(1)', 'z.string().min(2)'))
    await company.atlas('interface')
    await commit(company, 'demands more')
    const major = await company.atlas('hotfix', 'greeter', '--release', ...to('fixed'))
    expect(major).toMatchObject({ code: 1 })
    expect(major.stderr).toContain('its interface proves major')
    await git(company.root, 'reset', '--quiet', '--hard', 'HEAD^')

    await company.write('packages/servlets/greeter/README.md', 'Says more.\n')
    await commit(company, 'only words')
    const words = await company.atlas('hotfix', 'greeter', '--release', ...to('fixed'))
    expect(words).toMatchObject({ code: 1 })
    expect(words.stderr).toContain('changes nothing that is deployed')

    await changeGreeting(company, 'Hi')
    await commit(company, 'Greets shorter')
    const out = await company.atlas('hotfix', 'greeter', '--release', '--json', ...to('fixed'))
    expect(out, out.stderr).toMatchObject({ code: 0 })
    expect(JSON.parse(out.stdout)).toMatchObject({
      from: first,
      to: fixed,
      published: [{ version: fixed, made: true }],
      environments: ['production'],
      stopped: [],
    })
    expect(await imagesOf('fixed')).toEqual([first, fixed].sort())
    expect(await company.read('packages/servlets/greeter/CHANGELOG.md')).toContain(
      `## ${fixed}\n\n### Patch Changes\n\n- only words\n- Greets shorter\n`,
    )
    expect((await lockOf(company, 'origin/main')).greeter).toContain(`${fixed}@sha256:`)
    expect(await git(company.root, 'ls-remote', 'origin', 'refs/atlas/release-lock')).toBe('')
    const again = await company.atlas('hotfix', 'greeter', '--release', '--json', ...to('fixed'))
    expect(again, again.stderr).toMatchObject({ code: 0 })
    expect(JSON.parse(again.stdout)).toMatchObject({ to: fixed, published: [], environments: [] })

    await git(company.root, 'switch', '--quiet', 'main')
    await git(company.root, 'pull', '--quiet', '--rebase')
    const held = await company.atlas('release', 'run', ...to('fixed'))
    expect(held).toMatchObject({ code: 4 })
    expect(held.stderr).toContain(`the hotfix ${fixed} is not in it: git merge @fixed/greeter@${fixed}`)
    expect(held.stderr).toContain(`it runs the hotfix ${fixed}, which ${first} does not contain`)
    expect((await lockOf(company, 'origin/main')).greeter).toContain(`${fixed}@sha256:`)
    expect(await imagesOf('fixed')).toHaveLength(2)

    // Picked, so that main has the fix and not its version: the next one must have another.
    await git(
      company.root,
      'cherry-pick',
      '-X',
      'theirs',
      `@fixed/greeter@${first}..@fixed/greeter@${fixed}^`,
    )
    const next = `${line}.${patch + 2}`
    const picked = await company.atlas('release', 'run', ...to('fixed'))
    // With a conflict that was solved a pick is another change: it has to be merged.
    expect(picked).toMatchObject({ code: 4 })
    await git(
      company.root,
      ...['merge', '--quiet', '--strategy', 'ours', '-m', 'merge', `@fixed/greeter@${fixed}`],
    )
    const ordinary = await company.atlas('release', 'run', ...to('fixed'))
    expect(ordinary, ordinary.stderr).toMatchObject({ code: 0 })
    expect(await imagesOf('fixed')).toEqual([first, fixed, next].sort())
    expect((await lockOf(company, 'origin/main')).greeter).toContain(`${next}@sha256:`)
    expect(await company.read('infra/hotfixes.json')).toBe('{}\n')
  })

  it('is whole after a kill before every call of git, each run going on where the last was killed', async () => {
    const { company, first } = await released('hotkilled')
    await using _ = company
    expect(await company.atlas('hotfix', 'greeter', '--from', first)).toMatchObject({ code: 0 })
    await changeGreeting(company, 'Hi')
    await commit(company, 'Greets shorter')
    const bin = join(company.root, '../bin')
    await mkdir(bin)
    const real = (await run('sh', ['-c', 'command -v git'], company.root)).stdout.trim()
    await writeFile(
      join(bin, 'git'),
      `#!/bin/sh
n=$(( $(cat "$GIT_CALLS" 2>/dev/null || echo 0) + 1 ))
echo $n > "$GIT_CALLS"
if [ "$n" = "$KILL_AT" ]; then [ $(( n % 2 )) = 0 ] && ${real} "$@"; kill -9 $PPID; exit 1; fi
exec ${real} "$@"
`,
    )
    await chmod(join(bin, 'git'), 0o755)
    let kills = 0
    for (let at = 1; ; at += 2) {
      // Odd ones are killed before git has done it, even ones after.
      const number = at + (Math.floor(at / 2) % 2)
      await company.write('../calls', '0')
      const { code, stderr } = await run(
        'env',
        [
          `PATH=${bin}:${process.env.PATH}`,
          `GIT_CALLS=${join(company.root, '../calls')}`,
          `KILL_AT=${number}`,
          process.execPath,
          join(import.meta.dirname, '../src/bin.ts'),
          ...['hotfix', 'greeter', '--release', ...to('hotkilled')],
        ],
        company.root,
      )
      if (code === 0) break
      expect(code, `${number}: ${stderr}`).not.toBe(1)
      kills += 1
      expect(at).toBeLessThan(300)
    }
    expect(kills).toBeGreaterThan(10)
    expect(await imagesOf('hotkilled')).toHaveLength(2)
    await git(company.root, 'fetch', '--quiet')
    expect((await lockOf(company, 'origin/main')).greeter).not.toContain(`${first}@`)
    const subjects = await git(company.root, 'log', '--format=%s', 'origin/main')
    expect(subjects.split('\n').filter((line) => line.startsWith('Hotfix '))).toHaveLength(1)
    expect(await git(company.root, 'status', '--porcelain')).toBe('')
    expect(await git(company.root, 'worktree', 'list')).not.toContain('.atlas')
    await git(company.root, 'switch', '--quiet', 'main')
    await git(company.root, 'pull', '--quiet', '--rebase')
    await git(company.root, 'merge', '--quiet', '--no-edit', `hotfix/greeter-${first}`)
    // Merged whole, main is what the hotfix is: there is nothing to release.
    const after = await company.atlas('release', 'run', ...to('hotkilled'))
    expect(after, after.stderr).toMatchObject({ code: 0 })
    expect(await imagesOf('hotkilled')).toHaveLength(2)
  })

  it('refuses bad input with one sentence and the remedy', async () => {
    await using company = await companyWithRemote('bad', registries.base)
    const said = async (...args: string[]) => {
      const { code, stderr } = await company.atlas('hotfix', ...args)
      return { code, stderr }
    }
    expect(await said('greeter')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--from VERSION'),
    })
    expect(await said('greeter', '--from', '1.0.0', '--release')).toMatchObject({ code: 2 })
    expect(await said('greter', '--from', '1.0.0')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean 'greeter'?"),
    })
    expect(await said('greeter', '--from', '9.0.0')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        'there is no release 9.0.0 of @bad/greeter here; if there is one, run git fetch --tags',
      ),
    })
    expect(await said('greeter', '--release', '--registry', 'r.example/a')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        'the branch is main, and hotfixes of greeter are on hotfix/greeter-VERSION',
      ),
    })
    await company.write(servlet, `// dirty\n${await company.read(servlet)}`)
    expect(await said('greeter', '--from', '9.0.0')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not committed'),
    })
    expect(await git(company.root, 'branch', '--show-current')).toBe('main\n')
  })
})
