import { describe, expect, it } from 'vitest'
import { newCompany } from './company.ts'
import { start } from './platform.ts'

const greeter = 'packages/servlets/greeter'

describe('atlas start', () => {
  it('says in one line where it is, what runs and how long it took, and writes one line a request', async () => {
    await using company = await newCompany()
    await using platform = await start(company)
    expect(platform.output()).toMatch(
      /^Atlas is up at http:\/\/127\.0\.0\.1:\d+: 1 servlet in \d+ ms \(greeter\), merged in one process\n$/,
    )
    const response = await fetch(`${platform.url}/greeter/ada`)
    expect([response.status, await response.json()]).toEqual([200, { message: 'Hello ada' }])
    expect((await fetch(`${platform.url}/-/ready`)).status).toBe(200)
    await platform.said(/greeter GET \/greeter\/ada 200 [\d.]+ ms\n/)
  })

  it('finishes what runs on SIGINT, then ends with 0', async () => {
    await using company = await newCompany()
    const servlet = await company.read(`${greeter}/src/servlet.ts`)
    await company.write(
      `${greeter}/src/servlet.ts`,
      servlet.replace(
        'async ({ name }) => (',
        `async ({ name }) => (await new Promise((done) => setTimeout(done, 700)), `,
      ),
    )
    await using platform = await start(company)
    const answer = fetch(`${platform.url}/greeter/ada`)
    await new Promise((done) => setTimeout(done, 250))
    platform.process.kill('SIGINT')
    expect(await (await answer).json()).toEqual({ message: 'Hello ada' })
    expect(await platform.exit).toBe(0)
    await expect(fetch(`${platform.url}/greeter/ada`)).rejects.toThrow()
  })

  it('ends at once on the second signal', async () => {
    await using company = await newCompany()
    const servlet = await company.read(`${greeter}/src/servlet.ts`)
    await company.write(
      `${greeter}/src/servlet.ts`,
      servlet.replace('async ({ name }) => (', `async ({ name }) => (await new Promise(() => {}), `),
    )
    await using platform = await start(company)
    fetch(`${platform.url}/greeter/ada`).catch(() => {})
    await new Promise((done) => setTimeout(done, 250))
    platform.process.kill('SIGINT')
    await platform.said('press Ctrl-C again')
    platform.process.kill('SIGINT')
    expect(await platform.exit).toBe(130)
  })

  it('answers for a servlet that is not running with the reason', async () => {
    await using company = await newCompany()
    await company.atlas('interface')
    await company.write(`${greeter}/src/servlet.ts`, `throw new Error('no luck')`)
    await using platform = await start(company)
    const response = await fetch(`${platform.url}/greeter/ada`)
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('no luck'),
    })
  })

  it('refuses a port that is none, with exit code 2', async () => {
    await using company = await newCompany()
    expect(await company.atlas('start', '--port', 'x')).toMatchObject({ code: 2 })
  })
})

describe.each(['merged', 'isolated'])('atlas start, %s', (placement) => {
  it.each([
    [
      'code that throws',
      `${greeter}/src/servlet.ts`,
      `throw new Error('no luck')`,
      'cannot be loaded: no luck',
    ],
    ['code that is no TypeScript', `${greeter}/src/servlet.ts`, 'export default = 1', 'cannot be loaded'],
    ['a manifest that is not JSON', `${greeter}/servlet.json`, '{ "owner": ', 'greeter/servlet.json'],
    ['an owner who is nobody', `${greeter}/servlet.json`, '{ "owner": "wbe" }', 'wbe'],
  ])(
    'keeps the other servlets up beside %s, and says once why that one is not',
    async (_what, file, text, reason) => {
      await using company = await newCompany()
      await company.atlas('new', 'servlet', 'links')
      await company.write(file, text)
      await using platform = await start(company, '--placement', placement)
      expect(platform.output().split('greeter is not running: ').length).toBe(2)
      expect(platform.output()).toContain(reason)
      expect((await fetch(`${platform.url}/links/ada`)).status).toBe(200)
    },
  )

  it('says who could have the port, with exit code 3', async () => {
    await using company = await newCompany()
    await using platform = await start(company)
    const { port } = new URL(platform.url)
    const second = await company.atlas('start', '--port', port, '--placement', placement)
    expect(second.code).toBe(3)
    expect(second.stderr).toContain(port)
    expect(second.stderr).toContain('--port')
    expect(second.stderr.trim().split('\n').length).toBe(1)
  })

  it('does not start over an environment that cannot be read, with exit code 1', async () => {
    await using company = await newCompany()
    await company.write('infra/environments/local.json', '{ "cors": ')
    const refused = await company.atlas('start', '--port', '0', '--placement', placement)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('infra/environments/local.json')
    expect(refused.stderr.trim().split('\n').length).toBe(1)
  })
})
