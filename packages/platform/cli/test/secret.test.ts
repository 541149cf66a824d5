import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Company, newCompany, runWith } from './company.ts'
import { start } from './platform.ts'

const greeter = 'packages/servlets/greeter'

async function companyWithSecrets(): Promise<Company> {
  const company = await newCompany()
  await company.write(
    `${greeter}/servlet.json`,
    JSON.stringify({ owner: 'web', secrets: { scanKey: 'key of the scanner', salt: 'salt of tokens' } }),
  )
  return company
}

describe('atlas secret', { timeout: 180_000 }, () => {
  it('keeps a value from standard input in a file for its owner alone, and never prints it', async () => {
    await using company = await companyWithSecrets()
    const set = await runWith('hunter2\n', company, ['secret', 'set', 'scanKey'])
    expect(set).toMatchObject({ code: 0, stderr: '' })
    const file = join(company.root, '.atlas/local/secrets.json')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(await company.read('.atlas/local/secrets.json'))).toEqual({
      greeter: { scanKey: 'hunter2' },
    })
    const list = await company.atlas('secret', 'list', '--json')
    expect(JSON.parse(list.stdout)).toMatchObject({
      secrets: [
        { servlet: 'greeter', name: 'scanKey', source: 'file' },
        { servlet: 'greeter', name: 'salt', source: null, variable: 'ATLAS_SECRET_GREETER_SALT' },
      ],
    })
    const people = await company.atlas('secret', 'list')
    expect(people.stdout).toMatch(/greeter\.salt +missing +salt of tokens/)
    expect(set.stdout + list.stdout + people.stdout).not.toContain('hunter2')
    expect((await company.atlas('secret', 'unset', 'greeter.scanKey')).stdout).toContain('is forgotten')
    expect(JSON.parse((await company.atlas('secret', 'unset', 'scanKey', '--json')).stdout)).toMatchObject({
      existed: false,
    })
  })

  it('refuses an empty value, a name that is none, and a damaged file', async () => {
    await using company = await companyWithSecrets()
    expect(await runWith('', company, ['secret', 'set', 'salt'])).toMatchObject({ code: 2 })
    const wrong = await runWith('x', company, ['secret', 'set', 'greeter.slat'])
    expect(wrong).toMatchObject({ code: 2 })
    expect(wrong.stderr).toContain("did you mean 'greeter.salt'?")
    await company.write('.atlas/local/secrets.json', '{ "hunter2')
    const damaged = await runWith('x', company, ['secret', 'set', 'salt'])
    expect(damaged).toMatchObject({ code: 1 })
    expect(damaged.stderr).toContain('is damaged')
    expect(damaged.stderr).not.toContain('hunter2')
  })

  it('that is missing stops its servlet only, which says what to type', async () => {
    await using company = await companyWithSecrets()
    await company.atlas('new', 'servlet', 'links')
    await using platform = await start(company)
    expect(platform.output()).toContain('npx atlas secret set greeter.scanKey (key of the scanner)')
    expect((await fetch(`${platform.url}/links/ada`)).status).toBe(200)
  })
})
