import { readFile } from 'node:fs/promises'
import { Agent, type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { type Company, newCompany } from './company.ts'
import { start } from './platform.ts'

/** Begins to answer at once and is done a while later; notes what it began. */
const slow = `import { appendFileSync } from 'node:fs'
import { servlet } from '@atlas/sdk'
import { links } from './contract.ts'

export default servlet(links, {
  greet: async ({ name }) => {
    appendFileSync('begun.txt', \`\${name}\\n\`)
    await new Promise((done) => setTimeout(done, 200))
    return { message: \`Hello \${name}\` }
  },
})
`

/** Asks the first servlet by way of the second. */
const through = `import { links } from '@acme/links/contract'
import { servlet } from '@atlas/sdk'
import { greeter } from './contract.ts'

export default servlet(greeter, { calls: { links } }, {
  greet: async ({ name }, { calls }) => calls.links.greet({ name }),
})
`

/** A servlet that takes its time, and one that calls it. */
async function slowCompany(): Promise<Company> {
  const company = await newCompany()
  await company.atlas('new', 'servlet', 'links')
  const file = 'packages/servlets/greeter/package.json'
  const manifest = JSON.parse(await company.read(file))
  manifest.dependencies['@acme/links'] = '*'
  await company.write(file, JSON.stringify(manifest))
  await company.write('packages/servlets/links/src/servlet.ts', slow)
  await company.write(
    'packages/servlets/greeter/src/servlet.ts',
    through.replace('@acme/links/contract', '../../links/src/contract.ts'),
  )
  await company.atlas('interface')
  return company
}

/** How many ask at once. */
const askers = 8

/** Asks again and again until there is no answer. Each answer that came whole is noted. */
async function ask(url: string, asker: string, keepAlive: boolean, answered: Set<string>): Promise<void> {
  const agent = new Agent({ keepAlive, maxSockets: 1 })
  try {
    for (let times = 0; ; times++) {
      const name = `${asker}-${times}`
      const path = times % 2 === 0 ? '/links/' : '/greeter/'
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request(url + path + name, { agent }, resolve)
          .once('error', reject)
          .end()
      })
      const body = await text(response)
      if (response.statusCode !== 200) throw new Error(`${name}: ${response.statusCode} ${body}`)
      if (body === `{"message":"Hello ${name}"}`) answered.add(name)
    }
  } catch (error) {
    // Nobody listens any more, or an idle connection was closed as it was used: what was sent did not get in.
    if (
      !/ECONNREFUSED|ECONNRESET|EPIPE|socket hang up/.test(
        String((error as Error & { code?: string }).code ?? error),
      )
    )
      throw error
  } finally {
    agent.destroy()
  }
}

describe.each(['merged', 'isolated'])('a platform that is told to end while it is asked, %s', (placement) => {
  it.each([
    ['SIGTERM, as by a service manager, to all its processes', true],
    ['SIGTERM', false],
  ])('by %s, answers everything that it began', async (_how, all) => {
    await using company = await slowCompany()
    await using platform = await start(company, '--placement', placement, '--no-watch')
    const answered = new Set<string>()
    const asking = Array.from({ length: askers }, (_, index) =>
      ask(platform.url, `asker${index}`, index % 2 === 0, answered),
    )
    await expect.poll(() => answered.size, { timeout: 60_000 }).toBeGreaterThan(5 * askers)
    const { servlets } = (await (await fetch(`${platform.url}/-/servlets`)).json()) as {
      servlets: { pid: number }[]
    }
    const before = answered.size
    const pids = new Set([platform.process.pid!, ...(all ? servlets.map(({ pid }) => pid) : [])])
    for (const pid of pids) process.kill(pid, 'SIGTERM')
    await Promise.all(asking)
    expect(await platform.exit).toBe(0)
    const begun = (await readFile(join(company.root, 'begun.txt'), 'utf8')).trim().split('\n')
    expect(begun.filter((name) => !answered.has(name))).toEqual([])
    expect(answered.size).toBeGreaterThan(before)
  })
})
