import { describe, expect, it } from 'vitest'
import type { CheckReport } from '../src/index.ts'
import { type Company, newCompany } from './company.ts'

const greeter = 'packages/servlets/greeter'

async function check(company: Company): Promise<CheckReport & { code: number | null }> {
  const { code, stdout } = await company.atlas('check', '--json')
  return { code, ...(JSON.parse(stdout) as CheckReport) }
}

describe('atlas check', () => {
  it('finds an interface document that is missing, then one that is stale', async () => {
    await using company = await newCompany()
    expect(await check(company)).toMatchObject({
      code: 1,
      ok: false,
      findings: [{ rule: 'servlet/interface-missing', file: `${greeter}/interface.json` }],
    })
    await company.atlas('interface')
    expect(await check(company)).toMatchObject({ code: 0, ok: true, findings: [] })
    const contract = await company.read(`${greeter}/src/contract.ts`)
    await company.write(
      `${greeter}/src/contract.ts`,
      contract.replace('message: z.string()', 'message: z.string().max(99)'),
    )
    expect(await check(company)).toMatchObject({ findings: [{ rule: 'interface/stale', severity: 'error' }] })
    await company.atlas('interface')
    expect(await check(company)).toMatchObject({ ok: true })
  })

  it('refuses to make a new document over one that cannot be read: it holds numbers in use', async () => {
    await using company = await newCompany()
    await company.atlas('interface')
    const broken = `<<<<<<< HEAD\n${await company.read(`${greeter}/interface.json`)}`
    await company.write(`${greeter}/interface.json`, broken)
    const result = await company.atlas('interface')
    expect(result.code).toBe(1)
    expect(result.stderr).toContain('git checkout')
    expect(await company.read(`${greeter}/interface.json`)).toBe(broken)
  })

  it('finds everything at once: a manifest, a contract, an import', async () => {
    await using company = await newCompany()
    await company.atlas('new', 'servlet', 'links')
    await company.atlas('interface')
    await company.write(`${greeter}/servlet.json`, '{ "owner": "wbe", "storse": {} }')
    await company.write(
      'packages/servlets/links/src/extra.ts',
      `import greeter from '@acme/greeter/src/servlet.ts'\nexport const x = greeter\n`,
    )
    const { code, findings } = await check(company)
    expect(code).toBe(1)
    expect(findings.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['manifest/unknown-field', 'imports/servlet-inside']),
    )
    for (const { message, remedy, file } of findings)
      expect([message, remedy, file].every((text) => text.length > 0)).toBe(true)
  })

  it('warns callers of a deprecated endpoint until its date, and fails after it', async () => {
    await using company = await newCompany()
    await company.atlas('new', 'servlet', 'links', '--calls', 'greeter')
    const file = 'packages/servlets/links/src/servlet.ts'
    const servlet = await company.read(file)
    if (!servlet.includes('.calls.greeter.greet'))
      await company.write(
        file,
        `${servlet}\nexport const used = (ctx: any) => ctx.calls.greeter.greet({ name: 'x' })\n`,
      )
    const contract = await company.read(`${greeter}/src/contract.ts`)
    const until = async (sunset: string) => {
      const announced = `deprecated: { since: '2020-01-01', sunset: '${sunset}', use: 'greeter.welcome' },`
      const changed = contract.replace(/route: '.*',/, (route) => `${route}\n${announced}`)
      expect(changed).not.toBe(contract)
      await company.write(`${greeter}/src/contract.ts`, changed)
      await company.atlas('interface')
      return await check(company)
    }
    const call = { rule: 'calls/deprecated', file: 'packages/servlets/links/interface.json' }
    expect(await until('9999-12-31')).toMatchObject({
      code: 0,
      ok: true,
      findings: [{ ...call, severity: 'warning', message: expect.stringContaining('after 9999-12-31') }],
    })
    expect(await until('2020-01-02')).toMatchObject({
      code: 1,
      ok: false,
      findings: [{ ...call, severity: 'error', remedy: expect.stringContaining('call greeter.welcome') }],
    })
  })

  it('says of code that does not load which file and why', async () => {
    await using company = await newCompany()
    await company.write(`${greeter}/src/servlet.ts`, `throw new Error('no luck')`)
    expect(await check(company)).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({ rule: 'servlet/load', message: 'cannot be loaded: no luck' }),
      ]),
    })
  })

  it('prints findings for people on stderr, nothing on stdout', async () => {
    await using company = await newCompany()
    const { stdout, stderr } = await company.atlas('check')
    expect(stdout).toBe('')
    expect(stderr).toContain('error servlet/interface-missing')
    expect(stderr).toContain('run npx atlas interface greeter')
  })

  it('says where it is not in a workspace', async () => {
    await using company = await newCompany()
    const { rm } = await import('node:fs/promises')
    await rm(`${company.root}/package.json`)
    const { code, stderr } = await company.atlas('check')
    expect(code).toBe(1)
    expect(stderr).toContain('is not in a workspace')
  })
})
