import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readRecord, repositoryOf } from '@atlas/release'
import { type Fault, faulty, noDebian } from '@atlas/tools-registries'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Company, commit, git, run } from './company.ts'
import { companyWithRemote, type ReleaseRegistries, releaseRegistries } from './release-company.ts'

// Each releases to real registries, some of them dozens of times.
vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 400_000 })

describe.skipIf(noDebian)('atlas release run', () => {
  let registries: ReleaseRegistries
  beforeAll(async () => {
    registries = await releaseRegistries()
  })
  afterAll(() => registries?.close())

  const repository = (name: string) => `${registries.oci.url}/${name}`
  const args = (name: string, ...more: string[]) => [
    'release',
    'run',
    '--npm',
    registries.npm.url,
    '--registry',
    repository(name),
    '--no-tests',
    ...more,
  ]

  const pushed = (scope: string) => companyWithRemote(scope, registries.base)

  async function wholeness(company: Company, scope: string) {
    const { version } = JSON.parse(await company.read('packages/servlets/greeter/package.json')) as {
      version: string
    }
    const packument = (await (await fetch(`${registries.npm.url}/@${scope}%2fgreeter`)).json()) as {
      versions: object
    }
    const tags = (await (await fetch(`${registries.oci.url}/v2/${scope}/greeter/tags/list`)).json()) as {
      tags: string[]
    }
    const lock = JSON.parse(await company.read('infra/environments/production.lock.json')) as Record<
      string,
      string
    >
    return {
      version,
      packages: Object.keys(packument.versions).sort(),
      images: tags.tags.filter((tag) => !tag.startsWith('sha256')).sort(),
      gitTags: (await git(company.root, 'tag', '--list')).trim().split('\n').sort(),
      remoteTags: (await git(company.root, 'ls-remote', '--tags', '--refs', 'origin')).trim().split('\n')
        .length,
      lock: lock.greeter,
      clean: await git(company.root, 'status', '--porcelain'),
      isPushed:
        (await git(company.root, 'rev-parse', 'HEAD')) ===
        (await git(company.root, 'rev-parse', 'origin/main')),
      // Neither the lock of a release nor a digest that waits.
      left: await git(company.root, 'ls-remote', 'origin', 'refs/atlas/*'),
    }
  }

  it('releases, then has nothing to do, then releases what a changeset says', async () => {
    await using company = await pushed('plain')
    const dry = await company.atlas(...args('plain', '--dry-run', '--json'))
    expect(dry).toMatchObject({ code: 0 })
    expect(await git(company.root, 'tag', '--list')).toBe('')
    const first = await company.atlas(...args('plain', '--json'))
    expect(first).toMatchObject({ code: 0 })
    const events = first.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event: string }).event)
    expect(events).toEqual(['planned', 'bundling', 'cut', 'published', 'locked', 'told', 'done'])
    const one = await wholeness(company, 'plain')
    expect(one).toMatchObject({ clean: '', isPushed: true, left: '', remoteTags: 1 })
    expect(one.packages).toEqual([one.version])
    expect(one.images).toEqual([one.version])
    expect(one.lock).toMatch(new RegExp(`^${one.version}@sha256:[0-9a-f]{64}$`))
    const again = await company.atlas(...args('plain'))
    expect(again).toMatchObject({ code: 0 })
    expect(again.stderr).toContain('nothing to release')

    await company.write('.changeset/a.md', '---\n"@plain/greeter": minor\n---\n\nWarm.\n')
    await commit(company, 'warm')
    expect(await company.atlas(...args('plain'))).toMatchObject({ code: 0 })
    const two = await wholeness(company, 'plain')
    expect(two.packages).toHaveLength(2)
    expect(two.lock).toContain(`${two.version}@`)
    expect(await company.read('.atlas/release/digests/web.md')).toContain(
      `## greeter ${two.version} is released\n\n### Minor Changes\n\n- Warm. (${(await git(company.root, 'rev-parse', 'HEAD~2')).slice(0, 7)})`,
    )

    const back = await company.atlas('rollback', 'greeter', '--env', 'production', '--json')
    expect(JSON.parse(back.stdout)).toMatchObject({
      from: two.version,
      to: one.version,
      done: true,
      breaks: [],
    })
    expect(JSON.parse(await company.read('infra/environments/production.json'))).toMatchObject({
      pins: { greeter: one.version },
    })
    expect((await wholeness(company, 'plain')).lock).toBe(one.lock)
    await git(company.root, 'commit', '--quiet', '-am', 'back')
    // A pin stays until its owner takes it away.
    expect(await company.atlas(...args('plain'))).toMatchObject({ code: 4 })
    expect((await wholeness(company, 'plain')).lock).toBe(one.lock)
  })

  it('is whole after kills before and after every call of git, each run going on where the last was killed', async () => {
    await using company = await pushed('killed')
    const bin = join(company.root, '../bin')
    await mkdir(bin)
    const real = (await run('sh', ['-c', 'command -v git'], company.root)).stdout.trim()
    await writeFile(
      join(bin, 'git'),
      `#!/bin/sh
n=$(( $(cat "$GIT_CALLS" 2>/dev/null || echo 0) + 1 ))
echo $n > "$GIT_CALLS"
if [ "$n" = "$KILL_BEFORE" ]; then kill -9 $PPID; exit 1; fi
${real} "$@"
code=$?
if [ "$n" = "$KILL_AFTER" ]; then kill -9 $PPID; fi
exit $code
`,
    )
    await chmod(join(bin, 'git'), 0o755)
    let kills = 0
    for (const when of ['KILL_BEFORE', 'KILL_AFTER']) {
      await company.write(`.changeset/${when}.md`, '---\n"@killed/greeter": patch\n---\n\nAgain.\n')
      await commit(company, 'change')
      for (let at = 1; ; at++) {
        await company.write('../calls', '0')
        const { code, stderr } = await run(
          'env',
          [
            `PATH=${bin}:${process.env.PATH}`,
            `GIT_CALLS=${join(company.root, '../calls')}`,
            `${when}=${at}`,
            process.execPath,
            join(import.meta.dirname, '../src/bin.ts'),
            ...args('killed'),
          ],
          company.root,
        )
        if (code === 0) break
        expect(code, `${when} ${at}: ${stderr}`).not.toBe(1)
        kills += 1
        expect(at).toBeLessThan(200)
      }
    }
    expect(kills).toBeGreaterThan(30)
    expect(await company.atlas(...args('killed'))).toMatchObject({ code: 0 })
    const end = await wholeness(company, 'killed')
    expect(end).toMatchObject({ clean: '', isPushed: true, left: '', remoteTags: 2 })
    expect(end.packages).toEqual(end.images)
    expect(end.packages).toHaveLength(2)
    expect(end.gitTags).toEqual(end.packages.map((version) => `@killed/greeter@${version}`))
    expect(end.lock).toContain(`${end.version}@`)
    const cuts = (await git(company.root, 'log', '--format=%s'))
      .split('\n')
      .filter((line) => line.startsWith('Release @'))
    expect(cuts).toHaveLength(2)
  })

  it('is whole after kills before and after every request of a registry, each run going on where the last was killed', {
    timeout: 2_400_000,
  }, async () => {
    await using company = await pushed('requests')
    let asked = 0
    let at = 0
    let kill = () => {}
    // Odd ones die with the request, even ones when the registry has done what it was asked.
    const deadly = (): Fault => {
      if (asked++ !== at) return 'pass'
      kill()
      return at % 2 === 0 ? 'pass' : 'drop before'
    }
    const fronts = await Promise.all([faulty(registries.npm.url, deadly), faulty(registries.oci.url, deadly)])
    const [npm, oci] = fronts
    await appendFile(process.env.NPM_CONFIG_USERCONFIG!, `//127.0.0.1:${npm.port}/:_authToken=anybody\n`)
    try {
      for (const round of [1, 2]) {
        await company.write(`.changeset/${round}.md`, '---\n"@requests/greeter": patch\n---\n\nAgain.\n')
        await commit(company, 'change')
        for (at = round - 1; ; at += 2) {
          asked = 0
          const bin = join(import.meta.dirname, '../src/bin.ts')
          const command = [
            'release',
            'run',
            '--npm',
            npm.url,
            '--registry',
            `${oci.url}/requests`,
            '--no-tests',
          ]
          const bot = spawn(process.execPath, [bin, ...command], { cwd: company.root, stdio: 'ignore' })
          kill = () => bot.kill('SIGKILL')
          const [code, signal] = (await once(bot, 'exit')) as [number | null, string | null]
          if (code === 0) break
          expect(signal, `request ${at}`).toBe('SIGKILL')
          expect(at).toBeLessThan(200)
        }
        // As many as there are for a version that nobody has begun.
        expect(at).toBeGreaterThan(3)
      }
    } finally {
      for (const front of fronts) await front.close()
    }
    expect(await company.atlas(...args('requests'))).toMatchObject({ code: 0 })
    const end = await wholeness(company, 'requests')
    expect(end).toMatchObject({ clean: '', isPushed: true, left: '', remoteTags: 2 })
    expect(end.packages).toHaveLength(2)
    expect(end.images).toEqual(end.packages)
    expect(end.gitTags).toEqual(end.packages.map((version) => `@requests/greeter@${version}`))
    for (const version of end.images) {
      const images = repositoryOf(repository('requests'), 'greeter')
      const digest = await images.digestOf(version)
      expect((await readRecord(images, digest!))?.record).toMatchObject({ version, image: digest })
    }
    expect((await git(company.root, 'log', '--format=%s')).match(/^Release @.*$/gm)).toHaveLength(2)
  })

  it('lets one of two bots go first, and tells the other', async () => {
    await using company = await pushed('two')
    await git(company.root, 'clone', '--quiet', '../remote.git', '../other')
    const other = join(company.root, '../other')
    await git(other, 'config', 'user.email', 'bot@example.com')
    await run('ln', ['-s', join(company.root, 'node_modules'), join(other, 'node_modules')], company.root)
    const bin = join(import.meta.dirname, '../src/bin.ts')
    const both = await Promise.all([
      company.atlas(...args('two')),
      run(process.execPath, [bin, ...args('two')], other),
    ])
    const codes = both.map(({ code }) => code).sort()
    expect(codes[0], both.map(({ stderr }) => stderr).join('\n')).toBe(0)
    expect([0, 1, 4]).toContain(codes[1])
    if (codes[1] === 4)
      expect(both.map(({ stderr }) => stderr).join('\n')).toMatch(/has been releasing since|was quicker/)
    await git(company.root, 'pull', '--quiet', '--rebase')
    expect(await company.atlas(...args('two'))).toMatchObject({ code: 0 })
    const end = await wholeness(company, 'two')
    expect(end).toMatchObject({ clean: '', isPushed: true, remoteTags: 1 })
    expect(end.packages).toEqual(end.images)
  })

  it('ends with 3 when a registry is away, and goes on when it is back', async () => {
    await using company = await pushed('away')
    const away = await company.atlas(
      'release',
      'run',
      '--npm',
      registries.npm.url,
      '--registry',
      'http://127.0.0.1:9/away',
      '--no-tests',
    )
    expect(away).toMatchObject({ code: 3 })
    expect(away.stderr).toMatch(/^error: .*127\.0\.0\.1:9/m)
    const back = await company.atlas(...args('away'))
    expect(back).toMatchObject({ code: 0 })
    expect(back.stderr).toContain('going on with 1 versions that were cut and not published')
    expect(await wholeness(company, 'away')).toMatchObject({ clean: '', isPushed: true, remoteTags: 1 })
  })

  it('holds a release until its owner approves it, tells them, and records who did', async () => {
    await using company = await pushed('asked')
    const manifest = 'packages/servlets/greeter/servlet.json'
    const text = await company.read(manifest)
    await company.write(manifest, text.replace('{', '{ "release": { "approval": { "every": {} } },'))
    await commit(company, 'ask me')
    const held = await company.atlas(...args('asked'))
    expect(held).toMatchObject({ code: 4 })
    expect(held.stderr).toContain('npx atlas release approve greeter')
    expect(await company.read('.atlas/release/digests/web.md')).toContain('## greeter is not released')
    expect(await git(company.root, 'tag', '--list')).toBe('')
    const approved = await company.atlas('release', 'approve', 'greeter', '--json')
    expect(JSON.parse(approved.stdout)).toMatchObject({
      servlet: 'greeter',
      by: 'ada@example.com',
      file: 'infra/approvals/greeter.json',
    })
    await commit(company, 'yes')
    expect(await company.atlas(...args('asked'))).toMatchObject({ code: 0 })
    const end = await wholeness(company, 'asked')
    expect(end).toMatchObject({ clean: '', isPushed: true })
    await expect(company.read('infra/approvals/greeter.json')).rejects.toThrow(/ENOENT/)
    const recorded = await readRecord(
      repositoryOf(repository('asked'), 'greeter'),
      end.lock!.slice(end.lock!.indexOf('@') + 1),
    )
    expect(recorded!.record.vetting).toMatchObject({ approvedBy: ['ada@example.com'] })
    const again = await company.atlas('release', 'approve', 'greeter')
    expect(again).toMatchObject({ code: 1 })
    expect(again.stderr).toContain('no release of greeter is planned')
  })

  it('does not move an environment that is frozen, and does when it is not', async () => {
    await using company = await pushed('cold')
    const file = 'infra/environments/production.json'
    const thawed = await company.read(file)
    await company.write(file, thawed.replace('{', '{ "freezes": { "*": { "reason": "sale" } },'))
    await git(company.root, 'commit', '--quiet', '-am', 'freeze')
    const frozen = await company.atlas(...args('cold'))
    expect(frozen).toMatchObject({ code: 4 })
    expect(frozen.stderr).toContain('production keeps its greeter: frozen: sale')
    await company.write(file, thawed)
    await git(company.root, 'commit', '--quiet', '-am', 'thaw')
    expect(await company.atlas(...args('cold'))).toMatchObject({ code: 0 })
    expect((await wholeness(company, 'cold')).lock).toMatch(/@sha256:/)
  })

  it('lets callers wait for what is frozen, where it is frozen, and tells what is published', async () => {
    await using company = await pushed('partly')
    await company.atlas('new', 'servlet', 'links')
    const manifest = 'packages/servlets/links/package.json'
    await company.write(manifest, (await company.read(manifest)).replaceAll('@acme/', '@partly/'))
    await company.atlas('interface')
    const document = 'packages/servlets/links/interface.json'
    const value = JSON.parse(await company.read(document)) as object
    await company.write(document, JSON.stringify({ ...value, calls: { greeter: ['greet'] } }))
    const production = 'infra/environments/production.json'
    const thawed = await company.read(production)
    await company.write('infra/environments/staging.json', thawed)
    await company.write(production, thawed.replace('{', '{ "freezes": { "greeter": { "reason": "sale" } },'))
    await commit(company, 'two, one of them frozen')
    const lockOf = async (environment: string) =>
      Object.keys(JSON.parse(await company.read(`infra/environments/${environment}.lock.json`)))
    // Once more changes nothing: who waits, waits until it is over.
    for (const _ of [1, 2]) {
      const run = await company.atlas(...args('partly'))
      expect(run, run.stderr).toMatchObject({ code: 4 })
      expect(run.stderr).toContain('production keeps its greeter: frozen: sale')
      expect(run.stderr).toContain('production keeps its links: it waits for greeter, which is frozen here')
      expect(await lockOf('staging')).toEqual(['greeter', 'links'])
      await expect(lockOf('production')).rejects.toThrow(/ENOENT/)
      const tags = (await git(company.root, 'tag', '--list')).trim().split('\n')
      expect(tags.map((tag) => tag.replace(/@[^@]+$/, ''))).toEqual(['@partly/greeter', '@partly/links'])
    }
    const told = await company.read('.atlas/release/digests/web.md')
    expect(told.match(/^## \w+ \S+ is released$/gm)).toHaveLength(2)
    await company.write(production, thawed)
    await commit(company, 'thaw')
    expect(await company.atlas(...args('partly'))).toMatchObject({ code: 0 })
    expect(await lockOf('production')).toEqual(['greeter', 'links'])
  })
})
