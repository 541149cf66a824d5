import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { CheckReport } from '../src/index.ts'
import { type Company, commit, committed, git, newCompany, run } from './company.ts'

// Each starts many programs, on machines that do other things too.
vi.setConfig({ testTimeout: 300_000 })

const greeter = 'packages/servlets/greeter'
const contract = `${greeter}/src/contract.ts`

/** A company whose main branch is committed, on a branch of its own. */
async function onABranch(): Promise<Company> {
  const company = await committed(await newCompany())
  await git(company.root, 'switch', '--quiet', '-c', 'work')
  return company
}

/** Changes what the branch began with. */
async function commitOnMain(company: Company, edit: () => Promise<unknown>): Promise<void> {
  await edit()
  await commit(company, 'edit')
  await git(company.root, 'branch', '--force', 'main', 'work')
}

async function check(company: Company, ...args: string[]) {
  const { code, stdout } = await company.atlas('check', '--json', ...args)
  const report = JSON.parse(stdout) as CheckReport
  return { code, report, rules: report.findings.map(({ rule }) => rule) }
}

async function edit(company: Company, from: string, to: string): Promise<void> {
  const text = await company.read(contract)
  if (!text.includes(from)) throw new Error(`${from} is not in the contract`)
  await company.write(contract, text.replace(from, to))
  await company.atlas('interface')
}

const breaks = (company: Company) =>
  edit(
    company,
    'input: z.object({ name: z.string()',
    'input: z.object({ polite: z.boolean(), name: z.string()',
  )
const adds = (company: Company) =>
  edit(
    company,
    'output: z.object({ message: z.string()',
    'output: z.object({ mood: z.string().optional(), message: z.string()',
  )

function changeset(bump: string, body = 'Something.', name = '@acme/greeter'): string {
  return `---\n"${name}": ${bump}\n---\n\n${body}\n`
}

describe('the changeset gate of atlas check', () => {
  it('says that it has nothing to compare with outside of git, and finds nothing where nothing changed', async () => {
    await using company = await newCompany()
    await company.atlas('interface')
    const outside = await company.atlas('check')
    expect(outside).toMatchObject({ code: 0 })
    expect(outside.stderr).toContain('not checked: changesets: this is no git repository')
    await using branch = await onABranch()
    expect(await check(branch)).toMatchObject({ code: 0, rules: [] })
  })

  it('refuses a changed servlet without a changeset, with the step and why', async () => {
    await using company = await onABranch()
    await breaks(company)
    const { code, report } = await check(company)
    expect(code).toBe(1)
    expect(report.findings).toHaveLength(1)
    expect(report.findings[0]).toMatchObject({ rule: 'changeset/missing', file: `${greeter}/package.json` })
    expect(report.findings[0]!.message).toContain(
      "needs a major version: callers built against the old version of greet may never send 'polite'",
    )
    expect(report.findings[0]!.witness).toContain('{"name":"text"}')
  })

  it('refuses a step lower than the proof, and takes one as great', async () => {
    await using company = await onABranch()
    await breaks(company)
    await company.write('.changeset/a.md', changeset('minor'))
    const low = await check(company)
    expect(low.rules).toEqual(['changeset/bump'])
    expect(low.report.findings[0]).toMatchObject({
      file: '.changeset/a.md',
      path: 'endpoints.greet.input.polite',
    })
    await company.write('.changeset/a.md', changeset('major'))
    expect(await check(company)).toMatchObject({ code: 0, rules: [] })
  })

  it('lets an owner accept a break by rule and path, and nothing that is not there', async () => {
    await using company = await onABranch()
    await breaks(company)
    const line = 'accept: input/field-missing endpoints.greet.input.polite - nobody calls it yet'
    await company.write('.changeset/a.md', changeset('minor', `It is polite now.\n\n${line}`))
    expect(await check(company)).toMatchObject({ code: 0, rules: [] })
    await company.write('.changeset/a.md', changeset('patch', line))
    expect(await check(company)).toMatchObject({ code: 1, rules: ['changeset/bump'] })
    await company.write('.changeset/a.md', changeset('major', 'accept: output/value'))
    expect(await check(company)).toMatchObject({ rules: ['changeset/accepts-nothing'] })
  })

  it('refuses a changeset for nothing, for nobody, and one that cannot be read', async () => {
    await using company = await onABranch()
    await company.write('.changeset/a.md', changeset('minor'))
    await company.write('.changeset/b.md', changeset('minor', 'x', '@acme/nobody'))
    await company.write('.changeset/c.md', 'no changeset')
    const { rules, report } = await check(company)
    expect([...rules].sort()).toEqual(['changeset/nothing', 'changeset/unknown', 'changeset/unreadable'])
    expect(report.findings.map(({ file }) => file)).toEqual([
      '.changeset/a.md',
      '.changeset/b.md',
      '.changeset/c.md',
    ])
  })

  it('refuses the end of a servlet, and its new name, unless a changeset accepts that', async () => {
    await using company = await onABranch()
    await company.atlas('new', 'servlet', 'links')
    await company.atlas('interface')
    await commit(company, 'links')
    await git(company.root, 'branch', '--force', 'main', 'work')
    await git(company.root, 'mv', 'packages/servlets/links', 'packages/servlets/urls')
    const { rules, report } = await check(company)
    expect(rules).toContain('changeset/servlet-removed')
    expect(report.findings.find(({ rule }) => rule === 'changeset/servlet-removed')!.remedy).toContain(
      '"accept: changeset/servlet-removed packages/servlets/links"',
    )
    await git(company.root, 'rm', '-r', '-f', '--quiet', 'packages/servlets/urls')
    expect(await check(company)).toMatchObject({ rules: ['changeset/servlet-removed'] })
    const accepted = (path: string) =>
      company.write('.changeset/a.md', `---\n---\n\nEnds it.\n\naccept: changeset/servlet-removed ${path}\n`)
    await accepted('packages/servlets/links')
    expect(await check(company)).toMatchObject({ code: 0, rules: [] })
    await accepted('packages/servlets/other')
    expect((await check(company)).rules.sort()).toEqual([
      'changeset/accepts-nothing',
      'changeset/servlet-removed',
    ])
  })

  it('refuses to take back what a changeset of the base branch asks for, but for releases and for who undoes the change', async () => {
    await using company = await onABranch()
    await breaks(company)
    await company.write('.changeset/a.md', changeset('major'))
    await commit(company, 'breaks')
    await git(company.root, 'branch', '--force', 'main', 'work')
    await company.write('.changeset/a.md', changeset('patch'))
    const lowered = await check(company)
    expect(lowered.rules).toContain('changeset/taken-back')
    await git(company.root, 'rm', '-f', '--quiet', '.changeset/a.md')
    expect(await check(company)).toMatchObject({ rules: ['changeset/taken-back'] })
    // A release: the version is raised, and the changeset used up.
    const manifest = await company.read(`${greeter}/package.json`)
    await company.write(
      `${greeter}/package.json`,
      manifest.replace('"version": "0.1.0"', '"version": "1.0.0"'),
    )
    expect(await check(company)).toMatchObject({ code: 0, rules: [] })
  })

  it('compares the contract in the code, also where interface.json is stale', async () => {
    await using company = await onABranch()
    await company.write(
      contract,
      (await company.read(contract)).replace(
        'message: z.string()',
        'message: z.string(), mood: z.string().optional()',
      ),
    )
    const { rules } = await check(company)
    expect([...rules].sort()).toEqual(['changeset/missing', 'interface/stale'])
  })

  it('asks for a patch where the code changed behind the same interface, not for tests or a new servlet', async () => {
    await using company = await onABranch()
    await company.write(
      `${greeter}/src/servlet.test.ts`,
      `${await company.read(`${greeter}/src/servlet.test.ts`)}\n// more\n`,
    )
    await company.atlas('new', 'servlet', 'links')
    await company.atlas('interface')
    expect(await check(company)).toMatchObject({ rules: [] })
    await company.write(
      `${greeter}/src/servlet.ts`,
      `${await company.read(`${greeter}/src/servlet.ts`)}\n// other\n`,
    )
    const { report } = await check(company)
    expect(report.findings[0]!.message).toContain(
      'needs a patch version: packages/servlets/greeter/src/servlet.ts differs',
    )
  })

  it('compares with where the branch began, not with what main has become', async () => {
    await using company = await onABranch()
    await git(company.root, 'switch', '--quiet', 'main')
    await adds(company)
    await git(company.root, 'commit', '--quiet', '--all', '-m', 'more')
    expect(await check(company)).toMatchObject({ rules: [] })
    await git(company.root, 'switch', '--quiet', 'work')
    expect(await check(company)).toMatchObject({ rules: [] })
    expect(await check(company, '--base', 'nowhere')).toMatchObject({ code: 1, rules: ['changeset/history'] })
  })

  it('refuses to go on where the base has no interface.json of a servlet, but for a new servlet and its owner', async () => {
    await using company = await onABranch()
    await commitOnMain(company, () => git(company.root, 'rm', '--quiet', `${greeter}/interface.json`))
    await breaks(company)
    // A new servlet has nothing at the base, and needs nothing there.
    await company.atlas('new', 'servlet', 'links')
    await company.atlas('interface')
    await company.write('.changeset/a.md', changeset('patch'))
    const { code, rules, report } = await check(company)
    expect({ code, rules }).toEqual({ code: 1, rules: ['changeset/base-interface'] })
    expect(report.findings[0]).toMatchObject({ severity: 'error', file: `${greeter}/interface.json` })
    expect(report.findings[0]!.message).toMatch(
      /^it has no interface\.json at [0-9a-f]{12}, where this branch left main/,
    )
    expect(report.findings[0]!.remedy).toContain('make the file good on main (npx atlas interface, commit)')
    const accepted = `accept: changeset/base-interface ${greeter}`
    expect(report.findings[0]!.remedy).toContain(`"${accepted}"`)
    await company.write('.changeset/a.md', changeset('major', `Polite.\n\n${accepted} - looked at`))
    expect(await check(company)).toMatchObject({ code: 0, rules: [] })
    // Not by a changeset that does not name it, and not where there is nothing to accept.
    await company.write('.changeset/a.md', changeset('major'))
    await company.write('.changeset/b.md', `---\n---\n\nLooked at.\n\n${accepted}\n`)
    expect((await check(company)).rules.sort()).toEqual([
      'changeset/accepts-nothing',
      'changeset/base-interface',
    ])
  })

  it('refuses an interface.json of the base that cannot be read, as text, as bytes, and as an object of git', async () => {
    await using company = await onABranch()
    const text = await company.read(`${greeter}/interface.json`)
    const cases: [string | Buffer, string][] = [
      [`<<<<<<< ours\n${text}`, 'line 1: has the conflict markers of a merge'],
      ['{', 'is not JSON'],
      [
        text.replace('"format": 1', '"format": 2'),
        'format: is format 2, and this version of Atlas reads format 1',
      ],
      [Buffer.concat([Buffer.from([0xff, 0xfe, 0x80]), Buffer.from(text)]), 'is not JSON'],
    ]
    for (const [damaged, why] of cases) {
      await commitOnMain(company, () => writeFile(join(company.root, greeter, 'interface.json'), damaged))
      await writeFile(join(company.root, greeter, 'interface.json'), text)
      await company.write('.changeset/a.md', changeset('patch'))
      const { code, rules, report } = await check(company)
      expect({ code, rules }, why).toEqual({ code: 1, rules: ['changeset/base-interface'] })
      expect(report.findings[0]!.message).toContain(`cannot be read: ${why}`)
      await rm(join(company.root, '.changeset/a.md'))
    }
    await commitOnMain(company, () => writeFile(join(company.root, greeter, 'interface.json'), `${text}\n`))
    const blob = (await git(company.root, 'rev-parse', `main:${greeter}/interface.json`)).trim()
    await rm(join(company.root, '.git/objects', blob.slice(0, 2), blob.slice(2)))
    await writeFile(join(company.root, greeter, 'interface.json'), text)
    await company.write('.changeset/a.md', changeset('patch'))
    const { rules, report } = await check(company)
    expect(rules).toEqual(['changeset/history'])
    expect(report.findings[0]!.message).toMatch(
      /^git cannot read [0-9a-f]{12}, where this branch left main: ./,
    )
  })

  it('reads the other files of the base past one that is not UTF-8', async () => {
    await using company = await onABranch()
    await company.atlas('new', 'servlet', 'aaa')
    await company.atlas('interface')
    const file = 'packages/servlets/aaa/interface.json'
    const text = await company.read(file)
    await commitOnMain(company, () => writeFile(join(company.root, file), Buffer.from([0xff, 0xfe, 0x0a])))
    await company.write(file, text)
    await breaks(company)
    const { report } = await check(company)
    expect(report.findings.filter(({ rule }) => rule === 'changeset/base-interface')).toMatchObject([
      { file },
    ])
    // The servlet after it is compared all the same.
    expect(report.findings.filter(({ path }) => path === 'endpoints.greet.input.polite')).toHaveLength(1)
  })

  it('says what to fetch in a shallow clone, and works in one where nothing is missing', async () => {
    await using company = await onABranch()
    await adds(company)
    await git(company.root, 'commit', '--quiet', '--all', '-m', 'more')
    await using parent = await temporary()
    const clone = async (name: string, ...args: string[]): Promise<Company> => {
      const root = join(parent.path, name)
      await git(parent.path, 'clone', '--quiet', ...args, `file://${company.root}`, root)
      await run('ln', ['-s', join(company.root, 'node_modules'), join(root, 'node_modules')], root)
      return { ...company, root, atlas: (...words) => run(process.execPath, [bin, ...words], root) }
    }
    const shallow = await clone('shallow', '--depth', '1', '--branch', 'work')
    const { report } = await check(shallow)
    expect(report.findings[0]).toMatchObject({
      rule: 'changeset/history',
      remedy: 'run git fetch --unshallow origin +main:refs/remotes/origin/main',
    })
    await git(shallow.root, 'fetch', '--quiet', '--unshallow', 'origin', '+main:refs/remotes/origin/main')
    expect(await check(shallow)).toMatchObject({ rules: ['changeset/missing'] })
    // Not shallow, and without the base branch.
    const narrow = await clone('narrow', '--single-branch', '--branch', 'work')
    expect((await check(narrow)).report.findings[0]).toMatchObject({
      rule: 'changeset/history',
      remedy: 'run git fetch origin +main:refs/remotes/origin/main',
    })
    await git(narrow.root, 'fetch', '--quiet', 'origin', '+main:refs/remotes/origin/main')
    expect(await check(narrow)).toMatchObject({ rules: ['changeset/missing'] })
    const main = await clone('main', '--depth', '1', '--branch', 'main')
    expect(await check(main)).toMatchObject({ code: 0, rules: [] })
  })
})

describe('a hook that runs atlas check', () => {
  it('lets no commit pass that it would refuse, also in a worktree and of a workspace in a folder', async () => {
    await using company = await newCompany()
    await using parent = await temporary()
    // The workspace is a folder of the repository.
    const repository = join(parent.path, 'repository')
    await run('mkdir', ['-p', repository], parent.path)
    await run('mv', [company.root, join(repository, 'product')], parent.path)
    const at = (root: string): Company => ({
      ...company,
      root,
      atlas: (...words) => run(process.execPath, [bin, ...words], root),
      write: (file, text) => writeFile(join(root, file), text),
      read: (file) => readFile(join(root, file), 'utf8'),
    })
    const whole = at(repository)
    await whole.write('.gitignore', 'node_modules\n.nx\n.atlas\n')
    await at(join(repository, 'product')).atlas('interface')
    await git(repository, 'init', '--quiet', '--initial-branch', 'main')
    await git(repository, 'config', 'user.name', 'Ada')
    await git(repository, 'config', 'user.email', 'ada@example.com')
    await commit(whole, 'start')
    await git(repository, 'worktree', 'add', '--quiet', '-b', 'work', '../tree')
    const tree = join(parent.path, 'tree')
    const inTree = at(join(tree, 'product'))
    await run('ln', ['-s', join(repository, 'product/node_modules'), join(inTree.root, 'node_modules')], tree)
    const hook = join(repository, '.git/hooks/pre-commit')
    await run('mkdir', ['-p', join(hook, '..')], repository)
    await writeFile(hook, `#!/bin/sh\ncd product && exec '${process.execPath}' '${bin}' check\n`)
    await chmod(hook, 0o755)
    await breaks(inTree)
    const refused = await run('git', ['commit', '--all', '-m', 'break'], tree)
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain('changeset/missing')
    await inTree.write('.changeset/a.md', changeset('major'))
    await git(tree, 'add', '.')
    await git(tree, 'commit', '--quiet', '-m', 'break')
  })
})

describe('atlas change', () => {
  it('drafts a changeset that atlas check takes, once', async () => {
    await using company = await onABranch()
    await breaks(company)
    const first = await company.atlas('change', '--json')
    expect(first).toMatchObject({ code: 0 })
    const { written, releases, servlets } = JSON.parse(first.stdout) as {
      written: string
      releases: object
      servlets: { order: string }[]
    }
    expect(releases).toEqual({ '@acme/greeter': 'major' })
    expect(servlets[0]).toMatchObject({ name: 'greeter', bump: 'major', order: 'callers-first' })
    expect(await company.read(written)).toMatch(/^---\n"@acme\/greeter": major\n---\n\n/)
    expect(await company.read(written)).toContain(
      "Breaking: callers built against the old version of greet may never send 'polite'",
    )
    expect(await check(company)).toMatchObject({ code: 0, rules: [] })
    const second = await company.atlas('change')
    expect(second.stdout).toContain('nothing has changed since main that a changeset does not say already')
    expect(
      (await readdir(join(company.root, '.changeset'))).filter((name) => name.endsWith('.md')),
    ).toHaveLength(1)
  })

  it('leaves nothing behind of runs that were killed, nor does atlas interface', async () => {
    await using company = await onABranch()
    const gone = spawnSync(process.execPath, ['-e', '']).pid
    const left = (file: string) => `${file}.${gone}.aa039db2-a840-4d40-a685-499f2bf90188.tmp`
    const files = [left(`${greeter}/interface.json`), left('.changeset/greeter-0123.md')]
    for (const file of files) await company.write(file, '{')
    await company.write(`${left('.atlas/new/package')}/package.json`, '{')
    expect((await company.atlas('interface')).stdout).toContain('up to date')
    expect((await company.atlas('change')).stdout).toContain('nothing has changed')
    await company.atlas('new', 'servlet', 'links')
    for (const file of [...files, left('.atlas/new/package')])
      await expect(stat(join(company.root, file)), file).rejects.toThrow('ENOENT')
  })

  it('takes a greater step and own words, and refuses a lower step', async () => {
    await using company = await onABranch()
    await adds(company)
    const low = await company.atlas('change', 'greeter', '--bump', 'patch')
    expect(low).toMatchObject({ code: 1 })
    expect(low.stderr).toContain('greeter needs a minor version')
    const made = await company.atlas('change', 'greeter', '--bump', 'major', '--message', 'A new mood.')
    expect(made).toMatchObject({ code: 0 })
    const file = (await readdir(join(company.root, '.changeset'))).find((name) => name.startsWith('greeter-'))
    expect(await company.read(`.changeset/${file}`)).toBe(changeset('major', 'A new mood.'))
  })

  it('drafts nothing for a servlet whose interface at the base cannot be told', async () => {
    await using company = await onABranch()
    await commitOnMain(company, () => git(company.root, 'rm', '--quiet', `${greeter}/interface.json`))
    await breaks(company)
    const { code, stderr } = await company.atlas('change', 'greeter', '--json')
    expect(code).not.toBe(0)
    expect(stderr).toContain('changeset/base-interface')
    expect(stderr).toContain('no step can be proven')
    expect(
      (await readdir(join(company.root, '.changeset'))).filter((name) => /^greeter-/.test(name)),
    ).toEqual([])
    const impact = await company.atlas('impact', 'greeter', '--json')
    expect((JSON.parse(impact.stdout) as { notes: string[] }).notes.join()).toContain(
      'not compared: it has no interface.json at ',
    )
  })

  it('says what is wrong with a name, and where there is nothing to compare with', async () => {
    await using company = await onABranch()
    expect(await company.atlas('change', 'greter')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean 'greeter'?"),
    })
    await using outside = await newCompany()
    expect(await outside.atlas('change')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no git repository'),
    })
  })

  it('writes what the changesets command reads', async () => {
    await using company = await onABranch()
    await adds(company)
    await company.atlas('change')
    // It tells a workspace of npm by the lockfile.
    await company.write('package-lock.json', '{ "name": "acme", "lockfileVersion": 3, "packages": {} }')
    await commit(company, 'more')
    const status = await run(process.execPath, [changesetBin, 'status', '--since', 'main'], company.root)
    expect(status.stdout + status.stderr).toMatch(/minor/)
    expect(status.code).toBe(0)
  })
})

const bin = join(import.meta.dirname, '../src/bin.ts')
const changesetBin = join(import.meta.dirname, '../../../../node_modules/@changesets/cli/bin.js')

async function temporary(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'atlas-clones-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

describe('atlas impact', () => {
  it('names the callers, what they use of what changed, and what runs where', async () => {
    await using company = await newCompany()
    await company.atlas('new', 'servlet', 'links', '--calls', 'greeter')
    const servlet = await company.read('packages/servlets/links/src/servlet.ts')
    await company.write(
      'packages/servlets/links/src/servlet.ts',
      servlet.includes('.calls.greeter.greet')
        ? servlet
        : `${servlet}\nexport const used = (ctx: any) => ctx.calls.greeter.greet({ name: 'x' })\n`,
    )
    const digest = `sha256:${'a'.repeat(64)}`
    await company.write('infra/environments/local.lock.json', `{ "greeter": "0.1.0@${digest}" }`)
    await company.write('infra/environments/other.lock.json', '{ "greeter": "0.1.0" }')
    await committed(company)
    await breaks(company)
    const { code, stdout } = await company.atlas('impact', 'greeter', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      servlet: 'greeter',
      bump: 'major',
      order: 'callers-first',
      callers: [
        { name: 'links', builtAgainst: '0.1.0', uses: ['greet'], hurtBy: [{ rule: 'input/field-missing' }] },
      ],
      environments: [{ environment: 'local', version: '0.1.0', digest }],
      notes: expect.arrayContaining([
        expect.stringMatching(
          /^infra\/environments\/other.lock.json \(greeter\): .*git checkout HEAD -- infra/,
        ),
      ]),
    })
    const text = await company.atlas('impact', 'links')
    expect(text.stdout).toContain('no servlet calls it')
    expect(await company.atlas('impact', 'grete')).toMatchObject({ code: 2 })
  })
})
