import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  bundleServlet,
  type PublishOptions,
  platformOf,
  publishRelease,
  type Registries,
  RegistryUnavailable,
  readRecord,
  repositoryOf,
  runRelease,
} from '@atlas/release'
import { type Fault, faulty, noDebian, type TestRegistry } from '@atlas/tools-registries'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Company, commit, git, run } from './company.ts'
import { companyWithRemote, type ReleaseRegistries, releaseRegistries } from './release-company.ts'

// Each releases to real registries, and a registry that fails is asked again for a while.
vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 400_000 })

describe.skipIf(noDebian)('atlas release run, when something is wrong', () => {
  let registries: ReleaseRegistries
  beforeAll(async () => {
    registries = await releaseRegistries()
  })
  afterAll(() => registries?.close())

  const args = (scope: string, at = registries.npm.url, ...more: string[]) => {
    return ['release', 'run', '--npm', at, '--registry', `${registries.oci.url}/${scope}`, ...more]
  }
  const versionsOf = async (scope: string) => {
    const answer = await fetch(`${registries.npm.url}/@${scope}%2fgreeter`)
    return answer.ok ? Object.keys(((await answer.json()) as { versions: object }).versions) : []
  }

  async function setTest(company: Company, servlet: string, script: string): Promise<void> {
    const file = `packages/servlets/${servlet}/package.json`
    const manifest = JSON.parse(await company.read(file)) as { scripts: Record<string, string> }
    manifest.scripts.test = script
    await company.write(file, `${JSON.stringify(manifest, undefined, 2)}\n`)
  }

  it('withholds a servlet whose tests fail, releases the others, and tells owners by a webhook that may refuse', async () => {
    await using company = await companyWithRemote('vetted', registries.base)
    await company.atlas('new', 'servlet', 'links')
    const links = 'packages/servlets/links/package.json'
    await company.write(links, (await company.read(links)).replaceAll('@acme/', '@vetted/'))
    await company.atlas('interface')
    await setTest(company, 'greeter', 'echo greeter is broken && exit 1')
    await setTest(company, 'links', 'echo fine')
    await commit(company, 'two')
    const posted: { owner: string; text: string }[] = []
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          posted.push(JSON.parse(Buffer.concat(chunks).toString()))
          response.writeHead(request.url === '/refuses' ? 503 : 200).end()
        })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const hook = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      const first = await company.atlas(...args('vetted', registries.npm.url, '--webhook', hook))
      expect(first, first.stderr).toMatchObject({ code: 4 })
      expect(first.stderr).toMatch(/the tests of @vetted\/greeter fail; .*greeter is broken/s)
      expect(await git(company.root, 'tag', '--list')).toMatch(/^@vetted\/links@\S+\n$/)
      expect(posted).toMatchObject([
        { owner: 'web', text: expect.stringContaining('## greeter is not released') },
      ])
      expect(posted[0]!.text).toMatch(/## links \S+ is released/)

      await setTest(company, 'greeter', 'echo fine')
      await commit(company, 'mended')
      const second = await company.atlas(
        ...args('vetted', registries.npm.url, '--webhook', `${hook}/refuses`),
      )
      expect(second, second.stderr).toMatchObject({ code: 0 })
      expect(second.stderr).toContain('could not tell web: the webhook answers 503')
      expect(await git(company.root, 'tag', '--list', '@vetted/greeter@*')).not.toBe('')

      // Nothing is lost by that: it is told when the webhook is well, and then no more.
      const before = posted.length
      for (const expected of ['told web', 'nothing to release']) {
        const next = await company.atlas(...args('vetted', registries.npm.url, '--webhook', hook))
        expect(next, next.stderr).toMatchObject({ code: 0 })
        expect(next.stderr).toContain(expected)
        expect(posted.slice(before)).toMatchObject([
          { owner: 'web', text: expect.stringMatching(/## greeter \S+ is released/) },
        ])
      }
      expect(await git(company.root, 'ls-remote', 'origin', 'refs/atlas/*')).toBe('')
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  it('tells owners when the one who should have was killed after publishing, from another machine', async () => {
    await using company = await companyWithRemote('quiet', registries.base)
    const bin = join(import.meta.dirname, '../src/bin.ts')
    const posted: string[] = []
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          posted.push((JSON.parse(Buffer.concat(chunks).toString()) as { text: string }).text)
          if (posted.length === 1) bot.kill('SIGKILL')
          else response.end()
        })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const hook = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const command = args('quiet', registries.npm.url, '--no-tests', '--webhook', hook)
    const bot = spawn(process.execPath, [bin, ...command], { cwd: company.root, stdio: 'ignore' })
    try {
      expect(await once(bot, 'exit')).toEqual([null, 'SIGKILL'])
      expect(await versionsOf('quiet')).toHaveLength(1)
      await git(company.root, 'clone', '--quiet', '../remote.git', '../other')
      const other = join(company.root, '../other')
      await symlink(join(company.root, 'node_modules'), join(other, 'node_modules'))
      await git(other, 'config', 'user.email', 'bot@example.com')
      const next = await run(process.execPath, [bin, ...command], other)
      expect(next, next.stderr).toMatchObject({ code: 0 })
      expect(next.stderr).toContain('going on with what owners were not told')
      expect(posted).toHaveLength(2)
      expect(posted[1]).toBe(posted[0])
      expect(posted[1]).toMatch(/## greeter \S+ is released/)
      const third = await run(process.execPath, [bin, ...command], other)
      expect(third, third.stderr).toMatchObject({ code: 0 })
      expect(posted).toHaveLength(2)
      expect(await git(other, 'ls-remote', 'origin', 'refs/atlas/*')).toBe('')
    } finally {
      bot.kill('SIGKILL')
      server.closeAllConnections()
      server.close()
    }
  })

  describe.each(['packages', 'images'] as const)('with a registry of %s', (which) => {
    const scope = `broken-${which}`
    const clean = () => ({ npm: registries.npm.url, oci: `${registries.oci.url}/${scope}` })
    const images = () => repositoryOf(clean().oci, 'greeter')
    // What is failing, and from which request on: at once, in the midst of what it takes, and when only the last is left.
    const faults = (['status 500', 'silence', 'drop before', 'drop after'] as const).flatMap((fault) =>
      (which === 'packages' ? [0, 1] : [0, 6, 14]).map((from) => ({ fault, from })),
    )

    it('that fails, a release is whole or not there, and the next run makes it whole', async () => {
      await using company = await companyWithRemote(scope, registries.base)
      const bot = (at: Registries, patience: PublishOptions = {}) =>
        runRelease(company.root, {
          registries: at,
          publishing: {
            platformOf,
            bundleServlet,
            publishRelease: (root, candidate, to) => publishRelease(root, candidate, to, patience),
          },
          tests: false,
        })
      const there = async () => {
        const tags = await fetch(`${registries.oci.url}/v2/${scope}/greeter/tags/list`)
        const names = tags.ok ? (((await tags.json()) as { tags: string[] | null }).tags ?? []) : []
        const remote = await git(company.root, 'ls-remote', '--tags', '--refs', 'origin')
        return {
          packages: (await versionsOf(scope)).sort(),
          images: names.filter((tag) => !tag.startsWith('sha256')).sort(),
          tags: [...remote.matchAll(/greeter@(\S+)$/gm)].map(([, version]) => version!).sort(),
        }
      }
      let failures = 0
      for (const [at, { fault, from }] of faults.entries()) {
        const what = `${fault} from request ${from}`
        await company.write(`.changeset/c${at}.md`, `---\n"@${scope}/greeter": patch\n---\n\nx\n`)
        await commit(company, what)
        const behind = which === 'packages' ? registries.npm.url : registries.oci.url
        await using registry = disposable(
          await faulty(behind, (_, __, count) => (count >= from ? fault : 'pass')),
        )
        await appendFile(
          process.env.NPM_CONFIG_USERCONFIG!,
          `//${new URL(registry.url).host}/:_authToken=anybody\n`,
        )
        const to =
          which === 'packages'
            ? { ...clean(), npm: registry.url }
            : { ...clean(), oci: `${registry.url}/${scope}` }
        const patience = { attempts: 2, delayMs: 10, timeoutMs: fault === 'silence' ? 1000 : 60_000 }
        const failure = await bot(to, patience).then(
          () => undefined,
          (error: unknown) => error,
        )
        if (failure !== undefined) {
          expect(failure, what).toBeInstanceOf(RegistryUnavailable)
          failures += 1
        }
        // A tag says that all is there, the name of an image that its record is, and that comes after the package.
        const half = await there()
        expect(half.images, what).toEqual(expect.arrayContaining(half.tags))
        expect(half.packages, what).toEqual(expect.arrayContaining(half.images))
        for (const version of half.images) {
          const digest = await images().digestOf(version)
          expect((await readRecord(images(), digest!))?.record, what).toMatchObject({ version })
        }
        await bot(clean())
        const whole = await there()
        expect(whole.tags, what).toHaveLength(at + 1)
        expect(whole, what).toEqual({ packages: whole.tags, images: whole.tags, tags: whole.tags })
      }
      expect(failures).toBeGreaterThan(faults.length / 2)
      const cuts = (await git(company.root, 'log', '--format=%s')).match(/^Release @.*$/gm)
      expect(cuts).toHaveLength(faults.length)
      expect(await git(company.root, 'ls-remote', 'origin', 'refs/atlas/*')).toBe('')
      expect(await git(company.root, 'status', '--porcelain')).toBe('')
    })
  })

  it('publishes nothing twice to a registry of packages that fails midway', async () => {
    await using company = await companyWithRemote('shaky', registries.base)
    for (const what of ['status 500', 'drop before', 'drop after'] as const satisfies readonly Fault[]) {
      await company.write(
        `.changeset/${what.replace(' ', '-')}.md`,
        '---\n"@shaky/greeter": patch\n---\n\nx\n',
      )
      await commit(company, what)
      const before = await versionsOf('shaky')
      let asked = 0
      await using registry = disposable(
        await faulty(registries.npm.url, (method) => {
          if (method !== 'PUT') return 'pass'
          asked += 1
          return what
        }),
      )
      await appendFile(
        process.env.NPM_CONFIG_USERCONFIG!,
        `//${new URL(registry.url).host}/:_authToken=anybody\n`,
      )
      const failed = await company.atlas(...args('shaky', registry.url, '--no-tests'))
      // What lost only the answer is there, and a second look finds it.
      expect(failed, failed.stderr).toMatchObject({ code: what === 'drop after' ? 0 : 3 })
      expect(asked).toBeGreaterThan(0)
      const whole = await company.atlas(...args('shaky', registries.npm.url, '--no-tests'))
      expect(whole, whole.stderr).toMatchObject({ code: 0 })
      expect(await versionsOf('shaky')).toHaveLength(before.length + 1)
    }
    const tags = (await git(company.root, 'tag', '--list')).trim().split('\n')
    expect(tags.map((tag) => tag.slice('@shaky/greeter@'.length)).sort()).toEqual(
      (await versionsOf('shaky')).sort(),
    )
  })

  it('says who refuses when the token is wrong, and goes on once it is right', async () => {
    await using company = await companyWithRemote('locked', registries.base)
    const asked: string[] = []
    const registry = createServer((request, response) => {
      asked.push(request.method!)
      response
        .writeHead(request.method === 'PUT' ? 401 : 404, { 'content-type': 'application/json' })
        .end('{}')
    })
    registry.listen(0, '127.0.0.1')
    await once(registry, 'listening')
    const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`
    const folder = await mkdtemp(join(tmpdir(), 'atlas-npmrc-'))
    const npmrc = join(folder, 'npmrc')
    await writeFile(npmrc, `//${new URL(url).host}/:_authToken=not-a-token-5f\n`)
    try {
      const bin = join(import.meta.dirname, '../src/bin.ts')
      const refused = await run(
        'env',
        [`NPM_CONFIG_USERCONFIG=${npmrc}`, process.execPath, bin, ...args('locked', url, '--no-tests')],
        company.root,
      )
      expect(refused, refused.stderr).toMatchObject({ code: 3 })
      expect(refused.stderr).toMatch(/^error: .*npm login --registry/m)
      expect(refused.stderr).not.toContain('not-a-token-5f')
      expect(asked.filter((method) => method === 'PUT').length).toBeLessThan(3)
      expect(await git(company.root, 'tag', '--list')).toBe('')
      expect(await company.atlas(...args('locked', registries.npm.url, '--no-tests'))).toMatchObject({
        code: 0,
      })
      expect(await git(company.root, 'tag', '--list')).not.toBe('')
    } finally {
      registry.closeAllConnections()
      registry.close()
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('releases nothing from a tree with changes that are not committed', async () => {
    await using company = await companyWithRemote('dirty', registries.base)
    const file = 'packages/servlets/greeter/src/servlet.ts'
    await company.write(file, `// Not committed.\n${await company.read(file)}`)
    const dirty = await company.atlas(...args('dirty', registries.npm.url, '--no-tests'))
    expect(dirty).toMatchObject({ code: 1 })
    expect(dirty.stderr).toContain('commit or stash them')
    expect(await versionsOf('dirty')).toEqual([])
    expect(await git(company.root, 'ls-remote', 'origin', 'refs/atlas/release-lock')).toBe('')
  })
})

function disposable(registry: TestRegistry): TestRegistry & AsyncDisposable {
  return Object.assign(registry, { [Symbol.asyncDispose]: () => registry.close() })
}
