import { describe, expect, it } from 'vitest'
import { type Company, commit, committed, git, newCompany } from './company.ts'

const greeter = 'packages/servlets/greeter'
const lockPath = 'infra/environments/production.lock.json'
const digestOf = (version: string) => `sha256:${version.replaceAll('.', '').padEnd(64, '0')}`

/** A commit and the tag of a release, as a release run leaves them. */
async function released(company: Company, servlet: string, version: string): Promise<void> {
  const made = await company.atlas('interface')
  if (made.code !== 0) throw new Error(made.stderr)
  await commit(company, `Release ${servlet} ${version}`)
  const tag = `@acme/${servlet}@${version}`
  await git(company.root, 'tag', '-a', tag, '-m', `${tag}\n\nImage-Digest: ${digestOf(version)}`)
}

async function runs(company: Company, releases: Record<string, string>): Promise<void> {
  const lock = Object.entries(releases).map(([name, version]) => [name, `${version}@${digestOf(version)}`])
  await company.write(lockPath, `${JSON.stringify(Object.fromEntries(lock), undefined, 2)}\n`)
  await commit(company, 'locks')
}

async function released100(): Promise<Company> {
  const company = await newCompany()
  await company.write(
    'infra/environments/production.json',
    '{ "registry": "registry.example/acme", "cluster": "p", "pins": { "other": "1.0.0" } }\n',
  )
  await committed(company)
  await released(company, 'greeter', '1.0.0')
  return company
}

/** `links` 1.0.0 calls `greet` of `greeter`, and both run. */
async function withCaller(company: Company, version: string): Promise<void> {
  await company.atlas('new', 'servlet', 'links', '--calls', 'greeter')
  const servlet = await company.read('packages/servlets/links/src/servlet.ts')
  if (!servlet.includes('.calls.greeter.greet'))
    await company.write(
      'packages/servlets/links/src/servlet.ts',
      `${servlet}\nexport const used = (ctx: any) => ctx.calls.greeter.greet({ name: 'x' })\n`,
    )
  await released(company, 'links', '1.0.0')
  await runs(company, { greeter: version, links: '1.0.0' })
}

async function demandLess(company: Company): Promise<void> {
  const contract = await company.read(`${greeter}/src/contract.ts`)
  const changed = contract.replace('name: z.string().min(1)', 'name: z.string()')
  if (changed === contract) throw new Error(contract)
  await company.write(`${greeter}/src/contract.ts`, changed)
}

describe('atlas rollback', () => {
  it('pins the release before and names it in the lock; said again before the commit it goes back no further', async () => {
    await using company = await released100()
    await released(company, 'greeter', '1.1.0')
    await released(company, 'greeter', '1.10.0')
    await withCaller(company, '1.10.0')
    for (let time = 0; time < 2; time++) {
      const back = await company.atlas('rollback', 'greeter', '--env', 'production', '--json')
      expect(back, back.stderr).toMatchObject({ code: 0 })
      expect(JSON.parse(back.stdout)).toEqual({
        servlet: 'greeter',
        environment: 'production',
        from: '1.10.0',
        to: '1.1.0',
        done: true,
        breaks: [],
        unknown: [],
      })
      expect(JSON.parse(await company.read('infra/environments/production.json'))).toEqual({
        registry: 'registry.example/acme',
        cluster: 'p',
        pins: { other: '1.0.0', greeter: '1.1.0' },
      })
      expect(JSON.parse(await company.read(lockPath))).toEqual({
        greeter: `1.1.0@${digestOf('1.1.0')}`,
        links: `1.0.0@${digestOf('1.0.0')}`,
      })
    }
    await git(company.root, 'commit', '--quiet', '-am', 'back')
    const to = await company.atlas('rollback', 'greeter', '--env', 'production', '--to', '1.10.0')
    expect(to).toMatchObject({ code: 0 })
    expect(to.stdout).toContain('production keeps greeter 1.10.0, where it had 1.1.0')
  })

  it('refuses what would break a caller that runs there, says what, and does it with --force', async () => {
    await using company = await released100()
    await demandLess(company)
    await released(company, 'greeter', '1.1.0')
    await withCaller(company, '1.1.0')
    const refused = await company.atlas('rollback', 'greeter', '--env', 'production')
    expect(refused, refused.stdout + refused.stderr).toMatchObject({ code: 1 })
    expect(refused.stdout).toContain('links 1.0.0 in production would break:')
    expect(refused.stdout).toContain('nothing was changed')
    expect(await git(company.root, 'status', '--porcelain')).toBe('')
    const json = await company.atlas('rollback', 'greeter', '--env', 'production', '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({
      done: false,
      breaks: [{ caller: 'links', version: '1.0.0', breaks: [{ endpoint: 'greet' }] }],
    })
    expect(await company.atlas('rollback', 'greeter', '--env', 'production', '--force')).toMatchObject({
      code: 0,
    })
    expect(await company.read(lockPath)).toContain('"greeter": "1.0.0@')
  })

  it('allows the same where no caller that runs there uses it', async () => {
    await using company = await released100()
    await demandLess(company)
    await released(company, 'greeter', '1.1.0')
    await runs(company, { greeter: '1.1.0' })
    expect(await company.atlas('rollback', 'greeter', '--env', 'production')).toMatchObject({ code: 0 })
  })

  it('does not know what a caller uses whose tag is not here', async () => {
    await using company = await released100()
    await released(company, 'greeter', '1.1.0')
    await withCaller(company, '1.1.0')
    await git(company.root, 'tag', '-d', '@acme/links@1.0.0')
    const { code, stdout } = await company.atlas('rollback', 'greeter', '--env', 'production')
    expect(code).toBe(1)
    expect(stdout).toContain('not known: the interface of links 1.0.0 is not at its tag')
    expect(await git(company.root, 'status', '--porcelain')).toBe('')
  })

  it('does not know whether an earlier release can do with a database that has lost something', async () => {
    await using company = await newCompany()
    await company.write(
      'infra/environments/production.json',
      '{ "cluster": "p", "registry": "r.example/a" }\n',
    )
    await company.atlas('new', 'servlet', 'files', '--store', 'content=postgres')
    await committed(company)
    await released(company, 'files', '1.0.0')
    await company.write(
      'packages/servlets/files/migrations/content/0002-less.contract.sql',
      'alter table files drop column old;\n',
    )
    await released(company, 'files', '1.1.0')
    await runs(company, { files: '1.1.0' })
    const { code, stdout } = await company.atlas('rollback', 'files', '--env', 'production')
    expect(code).toBe(1)
    expect(stdout).toContain('files has removed something from its database since 1.0.0')
  })

  it('says what is not there', async () => {
    await using company = await released100()
    const nowhere = await company.atlas('rollback', 'greeter', '--env', 'production')
    expect(nowhere).toMatchObject({ code: 1 })
    expect(nowhere.stderr).toContain('greeter does not run in production')
    await runs(company, { greeter: '1.0.0' })
    const first = await company.atlas('rollback', 'greeter', '--env', 'production')
    expect(first).toMatchObject({ code: 1 })
    expect(first.stderr).toContain('there is no release of greeter before 1.0.0 here')
    const unreleased = await company.atlas('rollback', 'greeter', '--env', 'production', '--to', '0.9.0')
    expect(unreleased.stderr).toContain('there is no release 0.9.0 of greeter here; there are 1.0.0')
    const misspelt = await company.atlas('rollback', 'greter', '--env', 'production')
    expect(misspelt).toMatchObject({ code: 2 })
    expect(misspelt.stderr).toContain("did you mean 'greeter'?")
    expect(await company.atlas('rollback', 'greeter', '--env', 'prodution')).toMatchObject({ code: 2 })

    await released(company, 'greeter', '1.1.0')
    await runs(company, { greeter: '1.1.0' })
    await company.write(lockPath, '<<<<<<< HEAD\n')
    const broken = await company.atlas('rollback', 'greeter', '--env', 'production')
    expect(broken).toMatchObject({ code: 1 })
    expect(broken.stderr).toContain(`git checkout HEAD -- ${lockPath}`)
    expect(broken.stderr).not.toMatch(/^ +at /m)
    expect(await company.read('infra/environments/production.json')).not.toContain('greeter')
  })
})
