import { describe, expect, it } from 'vitest'
import { type Company, newCompany } from './company.ts'
import { start } from './platform.ts'

const seedOf = (servlet: string, body: string) =>
  [
    `packages/servlets/${servlet}/src/seed.ts`,
    `import { greeter } from '../../greeter/src/contract.ts'\n${body}`,
  ] as const

/** greeter, and links that calls it. */
async function someCompany(): Promise<Company> {
  const company = await newCompany()
  await company.atlas('new', 'servlet', 'aa-links', '--calls', 'greeter')
  const servlet = await company.read('packages/servlets/aa-links/src/servlet.ts')
  await company.write(
    'packages/servlets/aa-links/src/servlet.ts',
    servlet.replace('@acme/greeter/contract', '../../greeter/src/contract.ts'),
  )
  await company.atlas('interface')
  return company
}

describe('atlas seed', () => {
  it('runs the seeds of callees before those of their callers, as users of the platform', async () => {
    await using company = await someCompany()
    const greets = `export default async ({ clientOf, log }) => log((await clientOf(greeter).greet({ name: 'ada' })).message)`
    await company.write(...seedOf('aa-links', greets.replace('ada', 'links')))
    await company.write(...seedOf('greeter', greets))
    await using platform = await start(company)
    expect(await company.atlas('seed', '--url', platform.url)).toEqual({
      code: 0,
      stdout: 'greeter: Hello ada\naa-links: Hello links\n',
      stderr: 'seeded greeter, aa-links\n',
    })
    const one = await company.atlas('seed', 'aa-links', '--url', platform.url, '--json')
    expect(one).toMatchObject({ code: 0, stderr: 'aa-links: Hello links\n' })
    expect(JSON.parse(one.stdout)).toEqual({ ok: true, url: platform.url, seeded: ['aa-links'] })
  })

  it('stops at the first that fails, and says which and why', async () => {
    await using company = await someCompany()
    await company.write(
      ...seedOf(
        'greeter',
        `export default async ({ clientOf }) => { await clientOf(greeter).greet({ name: '' }) }`,
      ),
    )
    await company.write(...seedOf('aa-links', `export default async ({ log }) => log('not reached')`))
    await using platform = await start(company)
    const result = await company.atlas('seed', '--url', platform.url)
    expect(result).toMatchObject({ code: 1, stdout: '' })
    expect(result.stderr).toContain('the seed of greeter failed: invalid_argument: name:')
  })

  it.each([
    ['that is not there', undefined, 1, 'greeter has no seed; write packages/servlets/greeter/src/seed.ts'],
    ['that cannot be loaded', `throw new Error('no luck')`, 1, 'cannot be loaded: no luck'],
    ['that is no function', 'export default 1', 1, 'has no seed as its default export'],
    [
      'without a platform',
      `export default async ({ clientOf }) => { await clientOf(greeter).greet({ name: 'ada' }) }`,
      3,
      'start the platform with npm start',
    ],
  ])('refuses a seed %s', async (_what, text, code, message) => {
    await using company = await newCompany()
    await company.atlas('interface')
    if (text !== undefined) await company.write(...seedOf('greeter', text))
    const result = await company.atlas('seed', 'greeter', '--port', '9')
    expect(result.stderr).toContain(message)
    expect(result.code).toBe(code)
  })

  it('knows the servlets', async () => {
    await using company = await newCompany()
    expect(await company.atlas('seed', 'greter')).toMatchObject({ code: 2, stdout: '' })
  })
})
