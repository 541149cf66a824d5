import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { find, toolsNamed } from '@atlas/tools-toolchain'
import { describe, expect, it, vi } from 'vitest'
import { type Company, commit, committed, git, newCompany } from './company.ts'
import { start } from './platform.ts'

// Each starts many programs, on machines that do other things too.
vi.setConfig({ testTimeout: 600_000 })

const [tool] = toolsNamed(['prometheus'])
const prometheus = (await find(tool!))?.binaries.prometheus

const links = 'packages/servlets/links'

/** A company whose servlet `links` calls `greeter.greet`. */
async function withCaller(): Promise<Company> {
  const company = await newCompany()
  await company.atlas('new', 'servlet', 'links', '--calls', 'greeter')
  // The linked packages have a greeter too, and its contract is the one that is imported: calls between processes are made by its route.
  const contract = 'packages/servlets/greeter/src/contract.ts'
  await company.write(contract, (await company.read(contract)).replace('GET /greeter/', 'GET /greet/'))
  await calls(company, true)
  return company
}

/** Has the code of `links` call `greeter.greet`, or not. */
async function calls(company: Company, isCalling: boolean): Promise<void> {
  const file = `${links}/src/servlet.ts`
  const text = await company.read(file)
  const [own, called] = [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    'async ({ name }) => ({ message: `Hello ${name}` })',
    'async ({ name }, ctx) => ctx.calls.greeter.greet({ name })',
  ]
  const [from, to] = isCalling ? [own, called] : [called, own]
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
  await company.write(file, text.replace(from, to))
  await company.atlas('interface')
}

/** Gives a servlet a version, commits, and tags that as its release. */
async function release(company: Company, servlet: string, version: string): Promise<void> {
  const file = `packages/servlets/${servlet}/package.json`
  await company.write(file, JSON.stringify({ ...JSON.parse(await company.read(file)), version }))
  await commit(company, `${servlet} ${version}`)
  await git(company.root, 'tag', `@acme/${servlet}@${version}`)
}

interface Report {
  readonly callers: {
    readonly name: string
    readonly released: boolean
    readonly builtAgainst: string | null
    readonly uses: string[]
    readonly deployed: object[]
    readonly recorded: Record<string, number> | null
    readonly hurtBy: { rule: string }[]
  }[]
  readonly usage: { sources: string[]; since: string | null; otherCallers: object } | null
  readonly notes: string[]
}

async function impact(company: Company, ...args: string[]): Promise<Report> {
  const { code, stdout, stderr } = await company.atlas('impact', 'greeter', '--json', ...args)
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Report
}

describe('what callers were built against', () => {
  it('is what their releases were compiled against, here and in each environment', async () => {
    await using company = await committed(await withCaller())
    expect((await impact(company)).callers).toMatchObject([
      {
        name: 'links',
        released: false,
        builtAgainst: '0.1.0',
        uses: ['greet'],
        deployed: [],
        recorded: null,
      },
    ])
    await release(company, 'links', '0.1.1')
    await release(company, 'greeter', '0.2.0')
    await release(company, 'links', '0.1.2')
    await release(company, 'greeter', '0.3.0')
    const digest = `sha256:${'a'.repeat(64)}`
    const lock = (version: string) => `{ "links": "${version}@${digest}", "greeter": "0.2.0@${digest}" }`
    await company.write('infra/environments/staging.lock.json', lock('0.1.2'))
    await company.write('infra/environments/production.lock.json', lock('0.1.1'))
    const { callers } = await impact(company)
    expect(callers).toMatchObject([
      {
        name: 'links',
        released: true,
        builtAgainst: '0.2.0',
        deployed: [
          { environment: 'production', version: '0.1.1', builtAgainst: '0.1.0', uses: ['greet'] },
          { environment: 'staging', version: '0.1.2', builtAgainst: '0.2.0', uses: ['greet'] },
        ],
      },
    ])
    const { stdout } = await company.atlas('impact', 'greeter')
    expect(stdout).toContain('links 0.1.2 (web), built against 0.2.0, uses greet')
    expect(stdout).toContain('    in production: 0.1.1, built against 0.1.0, uses greet')
  })

  it('counts a caller that calls only where it runs, and says which tags are not here', async () => {
    await using company = await committed(await withCaller())
    await release(company, 'links', '0.1.1')
    await calls(company, false)
    await release(company, 'links', '0.2.0')
    await git(company.root, 'switch', '--quiet', '-c', 'work')
    const digest = `sha256:${'a'.repeat(64)}`
    await company.write('infra/environments/staging.lock.json', `{ "links": "0.1.1@${digest}" }`)
    const contract = 'packages/servlets/greeter/src/contract.ts'
    const text = await company.read(contract)
    await company.write(contract, text.replace('input: z.object({', 'input: z.object({ polite: z.boolean(),'))
    const { callers } = await impact(company)
    expect(callers).toMatchObject([
      {
        name: 'links',
        uses: [],
        deployed: [{ version: '0.1.1' }],
        hurtBy: [{ rule: 'input/field-missing' }],
      },
    ])
    await git(company.root, 'tag', '--delete', '@acme/links@0.1.1')
    const without = await impact(company)
    expect(without.notes.join('\n')).toContain(
      'not known of @acme/links@0.1.1: there is no such tag here; run git fetch --tags',
    )
  })
})

/** A busy process says late what it counted; then it is asked again. */
async function recorded(company: Company, calls: object): Promise<Report> {
  return vi.waitFor(
    async () => {
      const report = await impact(company)
      expect(report.callers).toMatchObject([{ name: 'links', recorded: calls }])
      return report
    },
    { timeout: 120_000, interval: 200 },
  )
}

describe('recorded usage', () => {
  it.each(['merged', 'isolated', 'groups'])('is read from the platform that runs, %s', async (placement) => {
    await using company = await committed(await withCaller())
    await company.write('infra/environments/local.json', '{ "groups": { "both": ["greeter", "links"] } }')
    expect((await impact(company)).notes.join('\n')).toContain('no recorded usage, as no platform runs')
    await using platform = await start(company, '--placement', placement)
    const quiet = await impact(company)
    expect(quiet).toMatchObject({ usage: { sources: [platform.url] }, callers: [{ recorded: {} }] })
    await callLinks(platform.url, 3)
    const { usage } = await recorded(company, { greet: 3 })
    expect(Date.parse(usage!.since!)).toBeLessThan(Date.now())
  })

  it('is kept of processes that are over', async () => {
    await using company = await committed(await withCaller())
    await using platform = await start(company, '--placement', 'isolated')
    await callLinks(platform.url, 2)
    const pidOf = async () => {
      const { servlets } = (await (await fetch(`${platform.url}/-/servlets`)).json()) as {
        servlets: { name: string; pid: number | null }[]
      }
      return servlets.find(({ name }) => name === 'links')!.pid
    }
    const first = await pidOf()
    // A new process takes over from it.
    const file = `${links}/src/servlet.ts`
    await company.write(file, `${await company.read(file)}// saved\n`)
    await platform.said(/links.*reloaded in/)
    await callLinks(platform.url, 1)
    expect(await pidOf()).not.toBe(first)
    await recorded(company, { greet: 3 })
    // It was asked just now, so that its end loses nothing. One that a further reload has ended meanwhile is no loss either.
    const killed = await vi.waitFor(
      async () => {
        const pid = await pidOf()
        process.kill(pid!, 'SIGKILL')
        return pid
      },
      { timeout: 60_000, interval: 200 },
    )
    await vi.waitFor(async () => expect(await pidOf()).not.toBe(killed), { timeout: 60_000, interval: 200 })
    await callLinks(platform.url, 1)
    await recorded(company, { greet: 4 })
  })

  it.skipIf(prometheus === undefined)(
    `is read from a Prometheus${prometheus === undefined ? ' (skipped: npm run toolchain -- build prometheus)' : ''}`,
    async () => {
      await using company = await committed(await withCaller())
      await using platform = await start(company, '--placement', 'merged')
      await callLinks(platform.url, 2)
      await using server = await scraping(platform.url, company.root)
      for (let attempt = 0; ; attempt++) {
        const { usage, callers } = await impact(company, '--prometheus', server.url, '--over', '10m')
        // It may be asked before it has looked.
        if (Object.keys(callers[0]?.recorded ?? {}).length === 0 && attempt < 60) {
          await sleep(500)
          continue
        }
        expect(callers).toMatchObject([{ name: 'links', recorded: { greet: 2 } }])
        expect(usage).toMatchObject({ sources: [server.url], otherCallers: {} })
        expect(Date.parse(usage!.since!)).toBeLessThanOrEqual(Date.now())
        break
      }
      const refused = await company.atlas('impact', 'greeter', '--prometheus', platform.url, '--json')
      expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('is no Prometheus') })
    },
  )

  it('wants a URL and a duration', async () => {
    await using company = await newCompany()
    const bad = await company.atlas('impact', 'greeter', '--prometheus', 'prod')
    expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining('write a URL as in http://') })
    const over = await company.atlas('impact', 'greeter', '--over', 'ever')
    expect(over).toMatchObject({ code: 2, stderr: expect.stringContaining('write a number and a unit') })
  })
})

async function callLinks(url: string, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    const response = await fetch(`${url}/links/ada`)
    if (!response.ok) throw new Error(await response.text())
    await response.text()
  }
}

/** A Prometheus that scrapes a platform. Leaving its block ends it. */
async function scraping(target: string, folder: string): Promise<{ url: string } & AsyncDisposable> {
  const config = join(folder, '.atlas', 'prometheus.yml')
  await writeFile(
    config,
    JSON.stringify({
      global: { scrape_interval: '1s' },
      scrape_configs: [
        {
          job_name: 'atlas',
          metrics_path: '/-/metrics',
          // The operator of Prometheus gives every target such a label.
          static_configs: [{ targets: [new URL(target).host], labels: { endpoint: 'http' } }],
        },
      ],
    }),
  )
  const port = await freePort()
  const child = spawn(
    prometheus!,
    [
      `--config.file=${config}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--storage.tsdb.path=${join(folder, '.atlas', 'prometheus')}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const exit = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  for (let attempt = 0; ; attempt++) {
    if (child.exitCode !== null || attempt > 600) throw new Error(`Prometheus does not start: ${said}`)
    const response = await fetch(`${url}/-/ready`).catch(() => undefined)
    if (response?.ok) break
    await sleep(100)
  }
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exit
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
