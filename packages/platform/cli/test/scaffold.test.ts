import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { emptyFolder, newCompany, run, textsIn } from './company.ts'

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

  it.each([
    ['a scope that is none', ['--scope', 'acme'], 'write it as in --scope @acme'],
    ['a team that is none', ['--team', 'Web Team'], "'Web Team' is not a team name"],
    ['a servlet that is none', ['--servlet', '../x'], "'../x' is not a servlet name"],
  ])('refuses %s, and writes nothing', async (_what, args, message) => {
    await using company = await emptyFolder()
    const result = await company.atlas('init', ...args)
    expect(result).toMatchObject({ code: 2, stdout: '' })
    expect(result.stderr).toContain(message)
    expect(await readdir(company.root)).toEqual(['node_modules'])
  })

  it('can be killed at any point and be run again', { timeout: 240_000 }, async () => {
    await using whole = await newCompany()
    const expected = await textsIn(whole.root)
    for (const afterMs of [60, 120, 160, 200, 240, 280, 340, 420]) {
      await using company = await emptyFolder()
      await company.killed(afterMs, 'init')
      expect(await company.atlas('init')).toMatchObject({ code: 0 })
      expect(await textsIn(company.root)).toEqual(expected)
    }
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
