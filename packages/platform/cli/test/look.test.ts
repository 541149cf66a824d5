import { describe, expect, it } from 'vitest'
import { type Company, newCompany } from './company.ts'

/** A workspace with greeter, links (which calls greeter) and an app mounted by legacy. */
async function someCompany(): Promise<Company> {
  const company = await newCompany()
  await company.atlas('new', 'servlet', 'links', '--calls', 'greeter', '--store', 'content=blobs')
  await company.write(
    'packages/servlets/links/src/servlet.ts',
    `import { greeter } from '../../greeter/src/contract.ts'
import { node, servlet } from '@atlas/sdk'
import manifest from '../servlet.json' with { type: 'json' }
import { links } from './contract.ts'

export default servlet(
  links,
  { manifest, calls: { greeter }, mount: { '/old': node(async () => (_request: unknown, response: any) => response.end('old')) } },
  { greet: async ({ name }, { calls }) => calls.greeter.greet({ name }) },
)
`,
  )
  const written = await company.atlas('interface')
  if (written.code !== 0) throw new Error(written.stderr)
  return company
}

describe('atlas list', () => {
  it('has the documented shape', async () => {
    await using company = await someCompany()
    const { code, stdout, stderr } = await company.atlas('list', '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({
      servlets: [
        {
          name: 'greeter',
          package: '@acme/greeter',
          version: '0.1.0',
          owner: 'web',
          routes: [{ endpoint: 'greet', route: 'GET /greeter/{name}', access: 'public' }],
          calls: {},
          stores: {},
        },
        {
          name: 'links',
          package: '@acme/links',
          version: '0.1.0',
          owner: 'web',
          routes: [
            { endpoint: 'greet', route: 'GET /links/{name}', access: 'public' },
            { mount: '/old', access: expect.any(String) },
          ],
          calls: { greeter: ['greet'] },
          stores: { content: 'blobs' },
        },
      ],
    })
  })

  it('is a table for people, without colours where it is piped', async () => {
    await using company = await someCompany()
    expect((await company.atlas('list')).stdout).toBe(
      [
        'SERVLET  VERSION  OWNER  ROUTES  CALLS    STORES',
        'greeter  0.1.0    web         1',
        'links    0.1.0    web         2  greeter  content (blobs)',
        '',
      ].join('\n'),
    )
  })

  it('knows the teams', async () => {
    await using company = await newCompany()
    expect(await company.atlas('list', '--owner', 'wbe')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `error: there is no team 'wbe'; did you mean 'web'?\n`,
    })
  })
})

describe('atlas routes', () => {
  it('lists endpoints and mounts, and says who answers what', async () => {
    await using company = await someCompany()
    const routes = async (...args: string[]) => {
      const { code, stdout } = await company.atlas('routes', ...args, '--json')
      return { code, ...JSON.parse(stdout) }
    }
    const greet = {
      method: 'GET',
      path: '/greeter/{name}',
      servlet: 'greeter',
      endpoint: 'greet',
      access: 'public',
    }
    const links = { ...greet, path: '/links/{name}', servlet: 'links' }
    const old = { method: '*', path: '/old/*', servlet: 'links', access: expect.any(String) }
    expect(await routes()).toEqual({ code: 0, routes: [greet, links, old] })
    expect(await routes('--servlet', 'greeter')).toEqual({ code: 0, routes: [greet] })
    expect(await routes('GET', '/greeter/a%20b?x=1')).toEqual({
      code: 0,
      answers: [{ method: 'GET', path: '/greeter/a%20b', route: greet, fields: { name: 'a b' } }],
    })
    expect(await routes('/links/ada')).toMatchObject({ code: 0, answers: [{ route: links }] })
    expect(await routes('DELETE /old/a/b')).toMatchObject({ code: 0, answers: [{ route: old }] })
    expect(await routes('POST', '/links/ada')).toEqual({ code: 1, answers: [] })
    expect((await company.atlas('routes', 'POST', '/links/ada')).stderr).toBe(
      'nobody answers POST there; the path answers GET\n',
    )
    expect(await routes('GET', '/links/%')).toMatchObject({ code: 2, error: {} })
    expect(await routes('FETCH', '/links/ada')).toMatchObject({ code: 2, error: {} })
    expect(await routes('GET', 'links')).toMatchObject({ code: 2, error: {} })
    expect(await routes('--servlet', 'link')).toMatchObject({
      code: 2,
      error: { message: `there is no servlet 'link'; did you mean 'links'?` },
    })
  })
})

describe('atlas graph', () => {
  it('shows who calls whom, in each format', async () => {
    await using company = await someCompany()
    expect((await company.atlas('graph')).stdout).toBe('links\n└─ greeter (greet)\n')
    expect(JSON.parse((await company.atlas('graph', '--json')).stdout)).toEqual({
      servlets: [
        { name: 'greeter', owner: 'web' },
        { name: 'links', owner: 'web' },
      ],
      calls: [{ from: 'links', to: 'greeter', endpoints: ['greet'] }],
    })
    expect((await company.atlas('graph', '--format', 'mermaid')).stdout).toContain(
      's_links -- "greet" --> s_greeter',
    )
    expect((await company.atlas('graph', '--format', 'dot')).stdout).toContain('"links" -> "greeter"')
  })

  it('refuses what is not there', async () => {
    await using company = await newCompany()
    expect(await company.atlas('graph', 'greter')).toMatchObject({ code: 2 })
    expect(await company.atlas('graph', '--format', 'svg')).toMatchObject({ code: 2 })
  })
})
