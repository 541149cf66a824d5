import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pack } from '@atlas/tools-pack'
import { noDebian, startNpm, startOci, type TestRegistry } from '@atlas/tools-registries'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Newcomer, newcomer, root } from './newcomer.ts'
import { type Place, run } from './terminal.ts'
import { Walk } from './walk.ts'

const minuteMs = 60_000

describe.skipIf(noDebian)('the guide of releases, in a clean clone, with registries', () => {
  let somebody: Newcomer
  let clone: Place
  let npm: TestRegistry
  let oci: TestRegistry

  const must = async (command: string, place: Place = clone): Promise<string> => {
    const { exitCode, output } = await run(command, place, 20 * minuteMs)
    expect(exitCode, `${command}:\n${output}`).toBe(0)
    return output
  }

  beforeAll(async () => {
    somebody = await newcomer()
    const npmrc = await readFile(somebody.env.npm_config_userconfig!, 'utf8').catch(() => '')
    npm = await startNpm()
    oci = await startOci()
    // What this machine has, and a token for the registry of this test.
    const userconfig = join(somebody.folder, 'npmrc')
    await writeFile(userconfig, `${npmrc}\n//${new URL(npm.url).host}/:_authToken=anybody\n`)
    const env = {
      ...somebody.env,
      npm_config_userconfig: userconfig,
      NPM_CONFIG_USERCONFIG: userconfig,
      PACKAGES: npm.url,
      IMAGES: `${oci.url}/acme`,
    }
    clone = { cwd: join(somebody.folder, 'atlas'), env }
    await must(`git clone --quiet "${root}" atlas`, { ...clone, cwd: somebody.folder })
    // Nothing of this may reach the repository that was cloned.
    await must('git remote remove origin && git init --quiet --bare ../remote.git')
    await must('git remote add origin ../remote.git && git switch --quiet --force-create main')
    await must('git config user.name Ada && git config user.email ada@example.com')
    await must('git push --quiet --set-upstream origin main')
    await must('npm ci')
    // What is pinned may be gone from Debian.
    await must(
      'npx atlas image --pin && (git diff --quiet || git commit --quiet --all --message "A base of today")',
    )
  }, 45 * minuteMs)

  afterAll(async () => {
    await npm?.close()
    await oci?.close()
    await somebody?.[Symbol.asyncDispose]()
  }, 10 * minuteMs)

  it('does what it says, and callers keep what they have', { timeout: 90 * minuteMs }, async () => {
    await using walk = new Walk('docs/guides/release.md', clone, 20 * minuteMs)
    await walk.through()
    expect(walk.commands).toBeGreaterThan(15)
    expect(await versionsOf('greeter')).toHaveLength(2)
    expect(await versionsOf('activity')).toHaveLength(2)
    // It calls activity, so its bundle contains the contract that has changed.
    expect(await versionsOf('notifications')).toHaveLength(2)
    expect(await versionsOf('identity')).toHaveLength(2)
    expect(await versionsOf('sharing')).toHaveLength(2)
    for (const other of ['files', 'search', 'legacy', 'previews'])
      expect(await versionsOf(other), other).toHaveLength(1)
    expect(await must('git status --porcelain')).toBe('')

    // A version is cut, and its image cannot be published; the branch goes on; it is published as it was cut.
    const greet = (from: string, to: string) =>
      must(
        `sed -i 's/${from}/${to}/' packages/servlets/greeter/src/servlet.ts && git commit --quiet --all --message "${to}"`,
      )
    await greet('Good day,', 'Hi')
    const away = `npx atlas release run --npm $PACKAGES --registry http://127.0.0.1:9/acme --no-tests`
    expect(await run(away, clone, 20 * minuteMs)).toMatchObject({ exitCode: 3 })
    await greet('Hi', 'Hello again,')
    expect(await must('npx atlas release publish --npm $PACKAGES --registry $IMAGES')).toContain(
      'is published',
    )
    const [, , third] = await versionsOf('greeter')
    const cut = await must('git log -1 --format=%H -- infra/releases.json')
    expect(await must(`git rev-parse "@acme/greeter@${third}^{commit}"`)).toBe(cut)
    expect(await must('git rev-parse HEAD')).not.toBe(cut)
    expect(await must('git worktree list')).not.toContain('.atlas')

    // That ran npm ci in a checkout of the first major, with its callers in the workspace: what is locked can be installed.
    const [before, major] = await versionsOf('activity')
    expect(Number(major!.split('.')[0])).toBeGreaterThan(Number(before!.split('.')[0]))
    expect(await must('npx atlas check --base HEAD')).toContain('no findings')

    // Elsewhere, whoever has pinned the version before keeps it until they ask for more.
    const [contract] = await pack({
      root: clone.cwd,
      out: join(somebody.folder, 'tarballs'),
      packages: ['@atlas/contract'],
    })
    await must(`npm publish --registry ${npm.url} "${contract!.path}"`)
    const consumer = { ...clone, cwd: join(somebody.folder, 'consumer') }
    await mkdir(consumer.cwd)
    await writeFile(join(consumer.cwd, '.npmrc'), `@acme:registry=${npm.url}\n@atlas:registry=${npm.url}\n`)
    const manifest = (range: string) =>
      writeFile(
        join(consumer.cwd, 'package.json'),
        JSON.stringify({ type: 'module', dependencies: { '@acme/activity': range } }),
      )
    const installed = async () =>
      (
        JSON.parse(
          await readFile(join(consumer.cwd, 'node_modules/@acme/activity/package.json'), 'utf8'),
        ) as { version: string }
      ).version
    await manifest(`^${before}`)
    await must('npm install', consumer)
    expect(await installed()).toBe(before)
    await must('npm ci', consumer)
    expect(await installed()).toBe(before)
    const loads = `node -e "import('@acme/activity/contract').then(({ activity }) => console.log(Object.keys(activity)))"`
    expect(await must(loads, consumer)).toContain('[')
    await manifest(`^${major}`)
    await must('npm install', consumer)
    expect(await installed()).toBe(major)
  })

  async function versionsOf(servlet: string): Promise<string[]> {
    const answer = await fetch(`${oci.url}/v2/acme/${servlet}/tags/list`)
    const { tags } = (await answer.json()) as { tags: string[] }
    const packument = (await (await fetch(`${npm.url}/@acme%2f${servlet}`)).json()) as { versions: object }
    const versions = tags.filter((tag) => !tag.startsWith('sha256')).sort()
    expect(Object.keys(packument.versions).sort(), servlet).toEqual(versions)
    return versions
  }
})
