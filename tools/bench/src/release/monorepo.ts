import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Closures, gather, planRelease, platformOf } from '@atlas/release'

/** What a workspace is made of. */
export interface MonorepoSize {
  readonly packages: number
  readonly changesets: number
}

/**
 * Makes a workspace under git: three libraries to seven servlets, four dependencies each, everything released, and then as
 * many packages changed as there are changesets. The platform in it only starts servlets, so that their bundles are small.
 */
export async function makeMonorepo(root: string, { packages, changesets }: MonorepoSize): Promise<void> {
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), text)
  }
  const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`
  const libraries = Math.round(packages * 0.3)
  const isLibrary = (index: number) => index < libraries
  const nameOf = (index: number) => `${isLibrary(index) ? 'library' : 'servlet'}-${index}`
  const dirOf = (index: number) => `packages/${isLibrary(index) ? 'libraries' : 'servlets'}/${nameOf(index)}`
  const code = (index: number, value: number) => {
    const needs = dependenciesOf(index, libraries)
    return `${needs.map((each, at) => `import v${at} from '@bench/${nameOf(each)}'`).join('\n')}\nexport default ${[value, ...needs.map((_, at) => `v${at}`)].join(' + ')}\n`
  }
  const fileOf = (index: number) => `${dirOf(index)}/src/${isLibrary(index) ? 'index' : 'servlet'}.ts`
  await write(
    'package.json',
    json({ name: 'bench', version: '0.0.0', private: true, workspaces: ['packages/*/*'] }),
  )
  await write('.gitignore', 'node_modules\n.atlas\n.nx/cache\n.nx/workspace-data\n')
  await write('nx.json', json(nxConfig))
  await write(
    '.changeset/config.json',
    json({
      changelog: '@changesets/cli/changelog',
      commit: false,
      access: 'restricted',
      baseBranch: 'main',
      privatePackages: { version: true, tag: true },
    }),
  )
  await write(
    'infra/base-image.json',
    json({ image: `registry.example/node@sha256:${'0'.repeat(64)}`, node: '24.21.0' }),
  )
  const lock: Record<string, unknown> = { '': { name: 'bench', version: '0.0.0' } }
  await mkdir(join(root, 'node_modules/@bench'), { recursive: true })
  for (let index = 0; index < packages; index++) {
    const dir = dirOf(index)
    const manifest = {
      name: `@bench/${nameOf(index)}`,
      version: '1.0.0',
      private: true,
      type: 'module',
      exports: isLibrary(index) ? './src/index.ts' : { './contract': './src/servlet.ts' },
      dependencies: Object.fromEntries(
        dependenciesOf(index, libraries).map((each) => [`@bench/${nameOf(each)}`, '*']),
      ),
    }
    lock[dir] = { name: manifest.name, version: manifest.version, dependencies: manifest.dependencies }
    lock[`node_modules/${manifest.name}`] = { resolved: dir, link: true }
    await write(`${dir}/package.json`, json(manifest))
    await write(`${dir}/${isLibrary(index) ? 'library' : 'servlet'}.json`, json({ owner: 'team' }))
    await write(fileOf(index), code(index, 1))
    await symlink(join(root, dir), join(root, 'node_modules', manifest.name))
  }
  await write(
    'package-lock.json',
    json({ name: 'bench', version: '0.0.0', lockfileVersion: 3, packages: lock }),
  )
  const pod = 'node_modules/@atlas/pod'
  await write(
    `${pod}/package.json`,
    json({ name: '@atlas/pod', version: '1.0.0', type: 'module', exports: './index.js' }),
  )
  await write(`${pod}/index.js`, 'export function runServlet(it) { console.log(it) }\n')
  git(root, 'init', '--quiet', '--initial-branch', 'main')
  commit(root)
  await writeReleases(root, write)
  for (let at = 0; at < changesets; at++) {
    // Spread over libraries and servlets alike.
    const index = Math.floor((at * packages) / changesets)
    await write(fileOf(index), code(index, 2))
    const bump = ['patch', 'minor', 'patch'][at % 3]!
    const text = `---\n"@bench/${nameOf(index)}": ${bump}\n---\n\nChange ${at}.\n`
    await write(`.changeset/change-${at}.md`, text)
    // What nx calls a changeset.
    await write(`.nx/version-plans/change-${at}.md`, text)
  }
  commit(root)
}

/** Packages one by one, by version plans; versions and changelogs are written, and nothing else is done. */
const nxConfig = {
  release: {
    projects: ['packages/*/*'],
    projectsRelationship: 'independent',
    versionPlans: true,
    version: { currentVersionResolver: 'disk', versionActionsOptions: { skipLockFileUpdate: true } },
    changelog: { workspaceChangelog: false, projectChangelogs: true },
    git: { commit: false, tag: false, stageChanges: false },
  },
  analytics: false,
}

/** All servlets are released, as what they are now. */
async function writeReleases(
  root: string,
  write: (file: string, text: string) => Promise<void>,
): Promise<void> {
  const { facts } = await gather(root, platformOf)
  const { platform } = facts
  const closures = new Closures(facts.packages)
  const released = Object.fromEntries(
    planRelease(facts).releases.flatMap(({ servlet, package: name, from }) =>
      servlet === undefined
        ? []
        : [
            [
              servlet,
              { version: from, content: 'sha256:released', sources: closures.digestOf(name), platform },
            ],
          ],
    ),
  )
  await write('infra/releases.json', `${JSON.stringify(released, undefined, 2)}\n`)
  commit(root)
}

/** Four libraries that come before it. */
function dependenciesOf(index: number, libraries: number): number[] {
  const before = Math.min(index, libraries)
  const step = 7 + (index % 5)
  const chosen = new Set<number>()
  for (let at = 1; at <= 4 && before > 0; at++) chosen.add((index * 13 + at * step) % before)
  return [...chosen].sort((a, b) => a - b)
}

/** How many packages have another version than in the last commit. */
export function newVersions(root: string): number {
  const changed = git(root, 'diff', '--unified=0', '--', 'packages/*/*/package.json')
  return changed.split('\n').filter((line) => /^\+\s*"version":/.test(line)).length
}

/** Puts a workspace back to its last commit. */
export function reset(root: string): void {
  git(root, 'reset', '--quiet', '--hard')
  git(root, 'clean', '--quiet', '--force', '-d')
  for (const kept of ['cache', 'workspace-data'])
    rmSync(join(root, '.nx', kept), { recursive: true, force: true })
}

function commit(root: string): void {
  git(root, 'add', '.')
  git(root, 'commit', '--quiet', '--message', 'x')
}

function git(root: string, ...args: string[]): string {
  const who = ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.com', '-c', 'commit.gpgsign=false']
  return execFileSync('git', [...who, ...args], {
    cwd: root,
    stdio: 'pipe',
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
}
