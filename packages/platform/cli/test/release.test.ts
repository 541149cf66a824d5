import { describe, expect, it, vi } from 'vitest'
import { commit, committed, git, newCompany } from './company.ts'

// Each bundles servlets with all that a platform is.
vi.setConfig({ testTimeout: 400_000 })

describe('atlas release', () => {
  it('plans and versions the first release, then nothing, then what a changeset says', async () => {
    await using company = await committed(await newCompany())
    const first = await company.atlas('release', 'plan', '--json')
    expect(first).toMatchObject({ code: 0 })
    expect(JSON.parse(first.stdout)).toMatchObject({
      format: 1,
      releases: [{ servlet: 'greeter', certain: true, causes: [{ kind: 'first' }] }],
      waves: [['greeter']],
    })
    expect(await company.atlas('release', 'version', '--commit')).toMatchObject({ code: 0 })
    expect(await git(company.root, 'status', '--porcelain')).toBe('')
    expect((await company.atlas('release', 'plan')).stdout).toBe('nothing to release\n')

    await company.write('.changeset/a.md', '---\n"@acme/greeter": minor\n---\n\nGreets warmly.\n')
    await commit(company, 'warm')
    expect(await company.atlas('release', 'plan', '--out', 'plan.json')).toMatchObject({ code: 0 })
    const before = JSON.parse(await company.read('packages/servlets/greeter/package.json')) as {
      version: string
    }
    const applied = await company.atlas('release', 'version', '--plan', 'plan.json', '--json')
    expect(applied).toMatchObject({ code: 0 })
    const [release] = (JSON.parse(applied.stdout) as { releases: { from: string; to: string }[] }).releases
    expect(release).toMatchObject({ from: before.version, bump: 'minor' })
    expect(await company.read('packages/servlets/greeter/CHANGELOG.md')).toContain(
      `## ${release!.to}\n\n### Minor Changes\n\n- Greets warmly.`,
    )
    await expect(company.read('.changeset/a.md')).rejects.toThrow(/ENOENT/)
    // The same plan a second time is a plan for what is no more.
    const again = await company.atlas('release', 'version', '--plan', 'plan.json')
    expect(again.code).toBe(1)
    expect(again.stderr).toContain('the workspace is not what this plan was made from')
  })

  it('leaves out a servlet whose bundle is what it was, and says so', async () => {
    await using company = await committed(await newCompany())
    await company.atlas('release', 'version', '--commit')
    const file = 'packages/servlets/greeter/src/servlet.ts'
    await company.write(file, `// Only a comment.\n${await company.read(file)}`)
    const plan = JSON.parse((await company.atlas('release', 'plan', '--json')).stdout) as {
      releases: unknown[]
    }
    expect(plan.releases).toMatchObject([{ servlet: 'greeter', certain: false, bump: 'patch' }])
    const made = JSON.parse((await company.atlas('release', 'version', '--json')).stdout) as object
    expect(made).toMatchObject({ releases: [], unchanged: ['@acme/greeter'], files: [] })
  })

  it('refuses bad input with one sentence and the remedy', async () => {
    await using company = await committed(await newCompany())
    await company.write('.changeset/a.md', '---\n"@acme/greter": minor\n---\n\nx\n')
    const unknown = await company.atlas('release', 'plan')
    expect(unknown).toMatchObject({ code: 1, stdout: '' })
    expect(unknown.stderr).toContain(
      "there is no package '@acme/greter' in the workspace; correct the name: '@acme/greeter'?",
    )
    await company.write('.changeset/a.md', '---\n"@acme/greeter": minor\n---\n\nx\n')
    await company.write('plan.json', '{ "format": 2 }')
    expect((await company.atlas('release', 'version', '--plan', 'plan.json')).stderr).toContain(
      'has format 2',
    )
    expect(await company.atlas('release', 'version', '--plan', 'none.json')).toMatchObject({ code: 2 })
    await company.write('infra/environments/prod.lock.json', '{ "greeter": "1.0.0" }')
    const lock = await company.atlas('release', 'status')
    expect(lock).toMatchObject({ code: 1, stdout: '' })
    expect(lock.stderr).toContain('git checkout HEAD -- infra/environments/prod.lock.json')
    await company.write('infra/releases.json', '{')
    expect((await company.atlas('release', 'status')).stderr).toContain(
      'git checkout HEAD -- infra/releases.json',
    )
  })

  it('is whole after a kill at any time, and the next run completes it', async () => {
    await using company = await committed(await newCompany())
    for (const afterMs of [600, 900, 1200, 1500, 1800, 2400, 3000])
      await company.killed(afterMs, 'release', 'version', '--commit')
    expect(await company.atlas('release', 'version', '--commit')).toMatchObject({ code: 0 })
    expect(await git(company.root, 'status', '--porcelain')).toBe('')
    const log = await git(company.root, 'log', '--format=%s')
    expect(log.split('\n').filter((line) => line.startsWith('Release'))).toHaveLength(1)
    expect((await company.atlas('release', 'plan')).stdout).toBe('nothing to release\n')
  })
  it('does nothing when a registry is no address', async () => {
    await using company = await committed(await newCompany())
    const { code, stderr } = await company.atlas('release', 'run', '--npm', 'nonsense', '--registry', 'x')
    expect(code).toBe(2)
    expect(stderr).toContain('--npm nonsense is no URL')
  })
})
