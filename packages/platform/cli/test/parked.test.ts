import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Company, newCompany } from './company.ts'
import { type Platform, start } from './platform.ts'

/** Starts when there is a file `go.txt`, and notes which processes began to start. */
const waits = `import { appendFileSync, existsSync } from 'node:fs'
import { servlet } from '@atlas/sdk'
import { links } from './contract.ts'

const setup = async () => {
  appendFileSync('pids.txt', \`\${process.pid}\\n\`)
  while (!existsSync('go.txt')) await new Promise((done) => setTimeout(done, 20))
  return { value: undefined }
}

export default servlet(links, { setup }, {
  greet: async ({ name }) => ({ message: \`Hello \${name} by \${process.pid}\` }),
})
`

/** A servlet that does not start before it is told to, beside one that is ready at once. */
async function waitingCompany(): Promise<Company> {
  const company = await newCompany()
  await company.atlas('new', 'servlet', 'links')
  await company.write('packages/servlets/links/src/servlet.ts', waits)
  await company.atlas('interface')
  return company
}

/** The processes that began to start the servlet. */
async function pidsIn({ root }: Company): Promise<number[]> {
  const text = await readFile(join(root, 'pids.txt'), 'utf8').catch(() => '')
  return text.split('\n').filter(Boolean).map(Number)
}

function post({ url }: Platform, servlet: string, name: string): Promise<Response> {
  return fetch(`${url}/${servlet}.${servlet[0]!.toUpperCase()}${servlet.slice(1)}/Greet`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
}

/** How many requests of a servlet the gateway has and did not answer. */
async function unanswered({ url }: Platform, servlet: string): Promise<number> {
  const text = await (await fetch(`${url}/-/metrics`)).text()
  const found = new RegExp(
    `^atlas_server_requests_in_flight\\{[^}]*servlet="${servlet}"[^}]*\\} (\\d+)`,
    'gm',
  )
  return [...text.matchAll(found)].reduce((sum, [, count]) => sum + Number(count), 0)
}

const patient = { timeout: 90_000 }

describe('requests that wait for a servlet to start', () => {
  it('are all answered when the platform is told to end meanwhile', async () => {
    await using company = await waitingCompany()
    await using platform = await start(company, '--placement', 'isolated')
    const names = Array.from({ length: 6 }, (_, index) => `n${index}`)
    const answers = names.map((name, index) =>
      index % 2 === 0 ? fetch(`${platform.url}/links/${name}`) : post(platform, 'links', name),
    )
    await expect.poll(() => unanswered(platform, 'links'), patient).toBe(names.length)
    await expect.poll(async () => (await pidsIn(company)).length, patient).toBe(1)
    platform.process.kill('SIGTERM')
    await platform.said('finishing what runs')
    await company.write('go.txt', '')
    const [pid] = await pidsIn(company)
    for (const [index, name] of names.entries())
      expect(await (await answers[index]!).json()).toEqual({ message: `Hello ${name} by ${pid}` })
    expect(await platform.exit).toBe(0)
  })

  it('are refused with the reason when it does not start before the platform ends', async () => {
    await using company = await waitingCompany()
    await using platform = await start(company, '--placement', 'isolated')
    const answers = [fetch(`${platform.url}/links/a`), post(platform, 'links', 'b')]
    await expect.poll(() => unanswered(platform, 'links'), patient).toBe(2)
    await expect.poll(async () => (await pidsIn(company)).length, patient).toBe(1)
    platform.process.kill('SIGTERM')
    for (const answer of answers) {
      const response = await answer
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
      expect(await response.json()).toMatchObject({
        code: 'unavailable',
        message: 'the server is shutting down; try again',
      })
    }
    expect(await platform.exit).toBe(0)
    // That it was given up is no news about the servlet.
    expect(platform.output()).not.toContain('is not running')
  })

  it('are refused, too, when they wait for room, and the platform ends', async () => {
    await using company = await waitingCompany()
    const file = 'packages/servlets/greeter/src/servlet.ts'
    const text = await company.read(file)
    await company.write(file, text.replace('({ name }) => (', '({ name }) => (await new Promise(() => {}), '))
    await using platform = await start(company, '--placement', 'isolated', '--awake', '1')
    const answers = [post(platform, 'greeter', 'a')]
    const { greeter } = await states(platform, 'greeter', 'running')
    expect(greeter!.pid).toBeGreaterThan(0)
    answers.push(fetch(`${platform.url}/links/b`))
    await states(platform, 'links', 'starting')
    platform.process.kill('SIGTERM')
    for (const answer of answers) expect((await answer).status).toBe(503)
    expect(await platform.exit).toBe(0)
    expect(await pidsIn(company)).toEqual([])
  })

  it('are answered by another process when somebody kills the one that starts', async () => {
    await using company = await waitingCompany()
    await using platform = await start(company, '--placement', 'isolated')
    const answers = [fetch(`${platform.url}/links/a`), post(platform, 'links', 'b')]
    await expect.poll(async () => (await pidsIn(company)).length, patient).toBe(1)
    process.kill((await pidsIn(company))[0]!, 'SIGKILL')
    await expect.poll(async () => (await pidsIn(company)).length, patient).toBe(2)
    await company.write('go.txt', '')
    const pid = (await pidsIn(company))[1]
    for (const answer of answers)
      expect(await (await answer).json()).toEqual({ message: expect.stringContaining(`by ${pid}`) })
  })

  it('are answered when the groups are changed meanwhile', async () => {
    await using company = await waitingCompany()
    await company.write('infra/environments/local.json', '{ "groups": { "both": ["greeter", "links"] } }')
    await using platform = await start(company, '--placement', 'groups')
    const answers = [fetch(`${platform.url}/links/a`), post(platform, 'links', 'b')]
    await expect.poll(async () => (await pidsIn(company)).length, patient).toBe(1)
    await company.write('infra/environments/local.json', '{}')
    await expect.poll(async () => (await pidsIn(company)).length, patient).toBe(2)
    await company.write('go.txt', '')
    for (const answer of answers)
      expect(await (await answer).json()).toEqual({ message: expect.stringMatching(/^Hello [ab] by/) })
  })
})

interface Row {
  readonly name: string
  readonly state: string
  readonly pid: number | null
}

/** All rows, when a servlet is in a state. */
async function states(platform: Platform, servlet: string, state: string): Promise<Record<string, Row>> {
  const rows = async () => {
    const { servlets } = (await (await fetch(`${platform.url}/-/servlets`)).json()) as { servlets: Row[] }
    return Object.fromEntries(servlets.map((row) => [row.name, row]))
  }
  await expect.poll(async () => (await rows())[servlet]?.state, patient).toBe(state)
  return rows()
}
