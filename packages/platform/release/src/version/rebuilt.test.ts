import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { bundleServlet } from '../bundle/bundle-servlet.ts'
import { randomOf } from '../fixtures/random-monorepo.ts'
import { gather } from '../gather/gather.ts'
import { planRelease } from '../plan/plan-release.ts'
import { makeChanges } from './journal.ts'
import { UndeclaredInput, version } from './version.ts'

const monorepos = 200
const platformOf = async () => ({ node: '24.21.0', base: 'sha256:base', runtime: '1.0.0' })

interface Package {
  readonly name: string
  readonly dir: string
  readonly isServlet: boolean
  readonly dependencies: string[]
  readonly devDependencies: string[]
  readonly imports: string[]
  /** What its code computes; comments and tests change nothing of it. */
  value: number
  comment: number
  test: number
}

it(`versions exactly what a rebuild of everything finds changed, in ${monorepos} monorepos that are really bundled`, {
  timeout: 1_800_000,
}, async () => {
  let [released, dropped] = [0, 0]
  for (let seed = 1; seed <= monorepos; seed++) {
    const random = randomOf(seed)
    const root = await mkdtemp(join(tmpdir(), 'atlas-rebuilt-'))
    try {
      const packages = randomPackages(random)
      await writeAll(root, packages)
      await linkAll(root, packages)
      git(root, 'init', '--quiet', '--initial-branch', 'main')
      commitAll(root)
      const first = await cut(root)
      expect(first.got, `seed ${seed}`).toEqual(servletsOf(packages))
      const before = await rebuilt(root, packages)

      const declared = change(random, packages)
      await writeAll(root, packages)
      await mkdir(join(root, '.changeset'), { recursive: true })
      for (const [index, name] of declared.entries())
        await writeFile(join(root, `.changeset/c${index}.md`), `---\n"${name}": minor\n---\n\nChanged.\n`)
      commitAll(root)
      const after = await rebuilt(root, packages)
      const expected = servletsOf(packages).filter(
        (name) => before.get(name) !== after.get(name) || declared.includes(`@r/${name}`),
      )
      const second = await cut(root)
      expect(second.got, `seed ${seed}`).toEqual(expected)
      released += second.got.length
      dropped += second.unchanged
      // What was just released, and what was looked at, is not planned again.
      expect((await cut(root)).got, `seed ${seed}`).toEqual([])
    } finally {
      await rm(root, { recursive: true, force: true })
    }
  }
  expect(released).toBeGreaterThan(monorepos / 2)
  expect(dropped).toBeGreaterThan(20)
})

it('refuses a bundle that reads what its package.json does not reach', { timeout: 120_000 }, async () => {
  const root = await mkdtemp(join(tmpdir(), 'atlas-rebuilt-'))
  const packages: Package[] = [
    { ...empty, name: '@r/lib', dir: 'packages/libraries/lib', isServlet: false },
    { ...empty, name: '@r/one', dir: 'packages/servlets/one', isServlet: true, imports: ['@r/lib'] },
  ]
  await writeAll(root, packages)
  await linkAll(root, packages)
  git(root, 'init', '--quiet')
  commitAll(root)
  await expect(cut(root)).rejects.toThrow(UndeclaredInput)
  await expect(cut(root)).rejects.toThrow(
    /@r\/one contains packages\/libraries\/lib\/src\/index.ts, .* add "@r\/lib": "\*" to its dependencies/,
  )
  await rm(root, { recursive: true, force: true })
})

const empty = { dependencies: [], devDependencies: [], imports: [], value: 0, comment: 0, test: 0 }

function randomPackages(random: () => number): Package[] {
  const below = (limit: number) => Math.floor(random() * limit)
  const libraries: Package[] = []
  const servlets: Package[] = []
  const pick = (from: readonly Package[], count: number) =>
    [...new Set(Array.from({ length: count }, () => from[below(from.length)]?.name))].filter(
      (name) => name !== undefined,
    )
  const make = (name: string, isServlet: boolean): Package => {
    const dependencies = pick(libraries, below(3))
    const devDependencies = pick(libraries, below(2)).filter((each) => !dependencies.includes(each))
    return {
      name: `@r/${name}`,
      dir: `packages/${isServlet ? 'servlets' : 'libraries'}/${name}`,
      isServlet,
      dependencies,
      devDependencies,
      imports: [...dependencies, ...devDependencies].filter(() => random() < 0.7),
      value: below(100),
      comment: 0,
      test: 0,
    }
  }
  for (let index = 2 + below(4); index > 0; index--) libraries.push(make(`lib-${index}`, false))
  for (let index = 2 + below(3); index > 0; index--) servlets.push(make(`servlet-${index}`, true))
  return [...libraries, ...servlets]
}

/** Changes some packages; returns the packages that changesets name. */
function change(random: () => number, packages: readonly Package[]): string[] {
  const declared: string[] = []
  for (let times = 1 + Math.floor(random() * 2); times > 0; times--) {
    const chosen = packages[Math.floor(random() * packages.length)]!
    const kind = random()
    if (kind < 0.5) chosen.value += 1
    else if (kind < 0.75) chosen.comment += 1
    else if (kind < 0.9) chosen.test += 1
    else chosen.imports.pop()
    if (random() < 0.4 && !declared.includes(chosen.name)) declared.push(chosen.name)
  }
  return declared
}

async function writeAll(root: string, packages: readonly Package[]): Promise<void> {
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), text)
  }
  await write(
    'package.json',
    '{ "private": true, "workspaces": ["packages/servlets/*", "packages/libraries/*"] }\n',
  )
  await write('.gitignore', 'node_modules\n.atlas\n')
  for (const each of packages) {
    const { dir, name, isServlet, imports, value, comment, test } = each
    const ranges = (names: readonly string[]) => Object.fromEntries(names.map((one) => [one, '*']))
    const known = await version0(join(root, dir))
    await write(
      `${dir}/package.json`,
      `${JSON.stringify({ name, version: known, type: 'module', exports: isServlet ? {} : './src/index.ts', dependencies: ranges(each.dependencies), devDependencies: ranges(each.devDependencies) }, undefined, 2)}\n`,
    )
    const lines = imports.map((one, index) => `import v${index} from '${one}'`)
    const sum = [String(value), ...imports.map((_, index) => `v${index}`)].join(' + ')
    const text = `// ${comment}\n${lines.join('\n')}\nexport default ${sum}\n`
    await write(`${dir}/src/${isServlet ? 'servlet' : 'index'}.ts`, text)
    await write(`${dir}/src/x.test.ts`, `// ${test}\n`)
    if (isServlet) await write(`${dir}/servlet.json`, '{ "owner": "team" }\n')
    else await write(`${dir}/library.json`, '{ "owner": "team" }\n')
  }
}

/** The version that a package has on disk: releases change it. */
async function version0(folder: string): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}')
  return (JSON.parse(text) as { version?: string }).version ?? '1.0.0'
}

async function linkAll(root: string, packages: readonly Package[]): Promise<void> {
  await mkdir(join(root, 'node_modules/@r'), { recursive: true })
  for (const { name, dir } of packages) await symlink(join(root, dir), join(root, 'node_modules', name))
  // The platform of this company: what starts a servlet.
  const pod = join(root, 'node_modules/@atlas/pod')
  await mkdir(pod, { recursive: true })
  await writeFile(
    join(pod, 'package.json'),
    '{ "name": "@atlas/pod", "version": "1.0.0", "type": "module", "exports": "./index.js" }',
  )
  await writeFile(join(pod, 'index.js'), 'export function runServlet(it) { console.log(it) }\n')
}

async function cut(root: string): Promise<{ got: string[]; unchanged: number }> {
  const gathered = await gather(root, platformOf)
  const made = await version(gathered, planRelease(gathered.facts), { bundleServlet })
  if (made.releases.length > 0) {
    await makeChanges(root, made.changes)
    commitAll(root)
  }
  return {
    got: made.releases.flatMap(({ servlet }) => servlet ?? []).sort(),
    unchanged: made.unchanged.length,
  }
}

/** Every servlet, built by esbuild alone. */
async function rebuilt(root: string, packages: readonly Package[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  for (const { dir, isServlet } of packages) {
    if (!isServlet) continue
    const { outputFiles } = await build({
      entryPoints: [join(root, dir, 'src/servlet.ts')],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      absWorkingDir: root,
      logLevel: 'silent',
    })
    // Names of the files that parts come from stand in comments.
    texts.set(dir.slice(dir.lastIndexOf('/') + 1), outputFiles[0]!.text)
  }
  return texts
}

function servletsOf(packages: readonly Package[]): string[] {
  return packages
    .flatMap(({ dir, isServlet }) => (isServlet ? dir.slice(dir.lastIndexOf('/') + 1) : []))
    .sort()
}

function git(root: string, ...args: string[]): void {
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false']
  execFileSync('git', [...who, ...args], { cwd: root, stdio: 'pipe' })
}

function commitAll(root: string): void {
  git(root, 'add', '.')
  git(root, 'commit', '--quiet', '--allow-empty', '-m', 'x')
}
