import { describe, expect, it } from 'vitest'
import { emptyFolder, newCompany, run } from './company.ts'

describe('atlas init', () => {
  it('makes a workspace whose servlet type-checks, passes its test and has no findings', async () => {
    await using company = await newCompany()
    expect(await company.atlas('interface')).toMatchObject({
      code: 0,
      stdout: 'wrote packages/servlets/greeter/interface.json\n',
    })
    expect(await company.atlas('check')).toMatchObject({ code: 0 })
    const servlet = `${company.root}/packages/servlets/greeter`
    expect(await run('tsc', ['-p', '.'], servlet)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(
      await run('vitest', ['run', '--config', '../../../vitest.config.ts', '--root', '.'], servlet),
    ).toMatchObject({ code: 0 })
  }, 60_000)

  it('can be run again, and changes nothing that somebody wrote', async () => {
    await using company = await newCompany()
    const packageJson = await company.read('package.json')
    await company.write('packages/servlets/greeter/src/servlet.ts', '// mine')
    const again = await company.atlas('init', '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({ written: [] })
    expect(await company.read('packages/servlets/greeter/src/servlet.ts')).toBe('// mine')
    expect(await company.read('package.json')).toBe(packageJson)
  })

  it('finishes what a killed run began', async () => {
    await using company = await newCompany()
    const { rm } = await import('node:fs/promises')
    await rm(`${company.root}/package.json`)
    await rm(`${company.root}/infra`, { recursive: true })
    const again = await company.atlas('init', '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({
      written: ['infra/teams.json', 'infra/environments/local.json', 'package.json'],
    })
  })

  it('says what is wrong with a package.json that is not JSON, and leaves it', async () => {
    await using company = await emptyFolder()
    await company.write('package.json', '{ "name": ')
    const result = await company.atlas('init')
    expect(result.code).toBe(1)
    expect(result.stderr).toContain('package.json is not JSON')
    expect(await company.read('package.json')).toBe('{ "name": ')
  })
})

describe('atlas new servlet', () => {
  it('makes a servlet that fits the workspace', async () => {
    await using company = await newCompany()
    const made = await company.atlas('new', 'servlet', 'file-links', '--json')
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(made.stdout)).toMatchObject({ servlet: 'file-links' })
    expect(JSON.parse(await company.read('packages/servlets/file-links/package.json'))).toMatchObject({
      name: '@acme/file-links',
    })
    expect(JSON.parse(await company.read('packages/servlets/file-links/servlet.json'))).toMatchObject({
      owner: 'web',
    })
    await company.atlas('interface')
    expect(await company.atlas('check')).toMatchObject({ code: 0 })
    expect(await run('tsc', ['-p', '.'], `${company.root}/packages/servlets/file-links`)).toMatchObject({
      code: 0,
      stdout: '',
    })
  })

  it('makes working code of a name that JavaScript keeps for itself', async () => {
    await using company = await newCompany()
    expect(await company.atlas('new', 'servlet', 'delete')).toMatchObject({ code: 0 })
    expect(await run('tsc', ['-p', '.'], `${company.root}/packages/servlets/delete`)).toMatchObject({
      code: 0,
      stdout: '',
    })
  })

  it.each([
    ['a name that is none', ['Bad_Name'], 2, `'Bad_Name' is not a servlet name`],
    ['a team that is not there', ['links', '--owner', 'wbe'], 2, `did you mean 'web'?`],
    ['a scope that is none', ['links', '--scope', 'acme'], 2, 'write it as @acme'],
    ['a servlet that exists', ['greeter'], 1, 'packages/servlets/greeter exists already'],
    ['no name', [], 2, "missing required argument 'name'"],
  ])('refuses %s', async (_what, args, code, message) => {
    await using company = await newCompany()
    const result = await company.atlas('new', 'servlet', ...args)
    expect(result.code).toBe(code)
    expect(result.stderr).toContain(message)
  })
})
