import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Company, newCompany } from './company.ts'
import { type Platform, start } from './platform.ts'

const timeout = 120_000
const greeter = 'packages/servlets/greeter'

interface Row {
  readonly name: string
  readonly state: string
  readonly reason?: string
  readonly pid: number | null
  readonly requests: number
}

async function status({ url }: Platform): Promise<Record<string, Row>> {
  const { servlets } = (await (await fetch(`${url}/-/servlets`)).json()) as { servlets: Row[] }
  return Object.fromEntries(servlets.map((row) => [row.name, row]))
}

async function answer({ url }: Platform, path: string): Promise<[number, unknown]> {
  const response = await fetch(`${url}${path}`)
  return [response.status, await response.json()]
}

/** Has a servlet answer in another way. */
async function edit(company: Company, servlet: string, from: string, to: string): Promise<void> {
  const file = `packages/servlets/${servlet}/src/servlet.ts`
  const text = await company.read(file)
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
  await company.write(file, text.replaceAll(from, to))
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** A company with a second servlet, both with interface documents. */
async function twoServlets(): Promise<Company> {
  const company = await newCompany()
  await company.atlas('new', 'servlet', 'links')
  await company.atlas('interface')
  return company
}

describe.each(['merged', 'isolated', 'groups'])('placed %s', (placement) => {
  it('answers, says where each servlet is, and logs by servlet', { timeout }, async () => {
    await using company = await twoServlets()
    await company.write('infra/environments/local.json', '{ "groups": { "both": ["greeter", "links"] } }')
    await using platform = await start(company, '--placement', placement)
    expect(await answer(platform, '/greeter/ada')).toEqual([200, { message: 'Hello ada' }])
    expect(await answer(platform, '/links/bob')).toEqual([200, { message: 'Hello bob' }])
    expect((await fetch(`${platform.url}/nothing`)).status).toBe(404)
    const rows = await status(platform)
    expect(Object.values(rows)).toMatchObject([
      { name: 'greeter', state: 'running', requests: 1, errors: 0, p50Ms: expect.any(Number) },
      {
        name: 'links',
        state: 'running',
        requests: 1,
        p99Ms: expect.any(Number),
        cpuPercent: expect.any(Number),
      },
    ])
    for (const { pid } of Object.values(rows)) expect(isAlive(pid!)).toBe(true)
    expect(rows.greeter!.pid === rows.links!.pid).toBe(placement !== 'isolated')
    expect(rows.greeter!.pid === platform.process.pid).toBe(placement === 'merged')
    await expect
      .poll(() => readFile(join(company.root, '.atlas/local/logs/greeter.ndjson'), 'utf8').catch(() => ''))
      .toContain('"message":"request","method":"GET","path":"/greeter/ada"')
    platform.process.kill('SIGINT')
    expect(await platform.exit).toBe(0)
    if (placement !== 'merged') await expect.poll(() => isAlive(rows.greeter!.pid!)).toBe(false)
  })

  it('loads what is saved, drops no request, and keeps running over a mistake', { timeout }, async () => {
    await using company = await twoServlets()
    await company.write('infra/environments/local.json', '{ "groups": { "both": ["greeter", "links"] } }')
    await using platform = await start(company, '--placement', placement)
    expect(await answer(platform, '/greeter/ada')).toEqual([200, { message: 'Hello ada' }])
    let asking = true
    const answers: unknown[] = []
    const load = (async () => {
      while (asking) {
        answers.push((await answer(platform, '/greeter/ada').catch((error) => [0, String(error)]))[0])
        await wait(2)
      }
    })()
    for (const word of ['Moin', 'Servus', 'Salut']) {
      const before = /`(\w+) \$\{name\}`/.exec(await company.read(`${greeter}/src/servlet.ts`))![1]!
      await edit(company, 'greeter', `\`${before} `, `\`${word} `)
      await expect
        .poll(() => answer(platform, '/greeter/ada'), { timeout: 30_000 })
        .toEqual([200, { message: `${word} ada` }])
    }
    await edit(company, 'greeter', 'export default', 'export default =')
    await platform.said(/greeter is not reloaded, and runs as before: .*cannot be loaded/)
    expect(await answer(platform, '/greeter/ada')).toEqual([200, { message: 'Salut ada' }])
    await edit(company, 'greeter', 'export default =', 'export default')
    await edit(company, 'greeter', 'Salut', 'Hola')
    await expect
      .poll(() => answer(platform, '/greeter/ada'), { timeout: 30_000 })
      .toEqual([200, { message: 'Hola ada' }])
    asking = false
    await load
    expect(new Set(answers)).toEqual(new Set([200]))
    expect(answers.length).toBeGreaterThan(20)
  })

  it('lets servlets call what package.json declares, and nothing else', {
    timeout: 2 * timeout,
  }, async () => {
    await using company = await twoServlets()
    const declaring = await company.read('packages/servlets/links/package.json')
    const greeterName = JSON.parse(await company.read(`${greeter}/package.json`)).name as string
    const withCall = JSON.parse(declaring) as { dependencies: Record<string, string> }
    withCall.dependencies[greeterName] = '*'
    await company.write('packages/servlets/links/package.json', JSON.stringify(withCall))
    await edit(
      company,
      'links',
      'import { servlet',
      "import { greeter } from '../../greeter/src/contract.ts'\nimport { servlet",
    )
    await edit(company, 'links', 'servlet(links, {', 'servlet(links, { calls: { greeter } }, {')
    await edit(company, 'links', '({ name }) =>', '({ name }, ctx) =>')
    await edit(company, 'links', `({ message: \`Hello \${name}\` })`, 'ctx.calls.greeter.greet({ name })')
    await edit(company, 'greeter', '({ name }) =>', '({ name }, ctx) =>')
    await edit(company, 'greeter', `\`Hello \${name}\``, `\`Hello \${name} by \${ctx.caller}\``)
    await using platform = await start(company, '--placement', placement)
    expect(await answer(platform, '/links/ada')).toEqual([200, { message: 'Hello ada by links' }])
    const spoofed = { 'x-atlas-caller': 'links', 'x-atlas-listener': 'internal', 'x-atlas-token': 'links' }
    const outside = await fetch(`${platform.url}/greeter/ada`, { headers: spoofed })
    expect(await outside.json()).toEqual({ message: 'Hello ada by undefined' })
    await company.write('packages/servlets/links/package.json', declaring)
    // Merged, it does not start any more; else what it calls is refused before it is sent.
    await using again = await start(company, '--placement', placement)
    expect((await answer(again, '/links/ada'))[0]).toBe(placement === 'merged' ? 503 : 500)
    expect((await status(again)).greeter!.requests).toBe(0)
    await company.write('packages/servlets/links/package.json', JSON.stringify(withCall))
    await expect
      .poll(() => answer(again, '/links/ada'), { timeout: 60_000 })
      .toEqual([200, { message: 'Hello ada by links' }])
  })

  it('notices servlets that come and go', { timeout }, async () => {
    await using company = await twoServlets()
    await using platform = await start(company, '--placement', placement)
    expect((await answer(platform, '/later/ada'))[0]).toBe(404)
    await company.atlas('new', 'servlet', 'later')
    await company.atlas('interface', 'later')
    await expect
      .poll(() => answer(platform, '/later/ada'), { timeout: 30_000 })
      .toEqual([200, { message: 'Hello ada' }])
    await rm(join(company.root, 'packages/servlets/later'), { recursive: true })
    await expect.poll(async () => (await answer(platform, '/later/ada'))[0], { timeout: 30_000 }).toBe(404)
    expect((await answer(platform, '/greeter/ada'))[0]).toBe(200)
  })
})

describe('a process each', () => {
  it('is started by a request, and sleeps when it has none', { timeout }, async () => {
    await using company = await twoServlets()
    await using platform = await start(company, '--placement', 'isolated', '--idle', '1')
    expect(await status(platform)).toMatchObject({ greeter: { state: 'asleep', pid: null } })
    await answer(platform, '/greeter/ada')
    expect(await status(platform)).toMatchObject({
      greeter: { state: 'running' },
      links: { state: 'asleep' },
    })
    await expect.poll(async () => (await status(platform)).greeter!.state, { timeout: 30_000 }).toBe('asleep')
    expect((await answer(platform, '/greeter/ada'))[0]).toBe(200)
  })

  it('gives way to others when there are as many as may be', { timeout }, async () => {
    await using company = await twoServlets()
    await using platform = await start(company, '--placement', 'isolated', '--awake', '1')
    for (const path of ['/greeter/a', '/links/a', '/greeter/b', '/links/b'])
      expect((await answer(platform, path))[0]).toBe(200)
    expect(await status(platform)).toMatchObject({
      greeter: { state: 'asleep' },
      links: { state: 'running' },
    })
  })

  it('that is killed costs what runs in it, and nothing else', { timeout }, async () => {
    await using company = await twoServlets()
    await edit(company, 'links', '=> (', "=> (name === 'slow' && (await new Promise(() => {})), ")
    await using platform = await start(company, '--placement', 'isolated')
    expect((await answer(platform, '/greeter/a'))[0]).toBe(200)
    expect((await answer(platform, '/links/a'))[0]).toBe(200)
    for (let times = 0; times < 4; times++) {
      const { links, greeter } = await status(platform)
      // One with a body is never sent twice; a GET is, and then waits in the next process.
      const lost = fetch(`${platform.url}/links.Links/Greet`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"name":"slow"}',
      })
      await wait(300)
      process.kill(links!.pid!, 'SIGKILL')
      expect(await answer(platform, '/links/b')).toEqual([200, { message: 'Hello b' }])
      expect((await lost).status).toBe(503)
      expect(await (await lost).json()).toMatchObject({ code: 'unavailable' })
      expect((await status(platform)).greeter!.pid).toBe(greeter!.pid)
    }
  })

  it('that keeps crashing is left alone for a while, and said so', { timeout }, async () => {
    await using company = await twoServlets()
    await edit(
      company,
      'links',
      '=> (',
      "=> (name === 'die' && setTimeout(() => { throw new TypeError('oh no') }), ",
    )
    await using platform = await start(company, '--placement', 'isolated')
    for (let times = 0; times < 3; times++) {
      await answer(platform, '/links/die')
      await expect.poll(async () => (await status(platform)).links!.state).not.toBe('running')
    }
    await platform.said(
      'links is not running: it crashed 3 times in 10 s; the last time it ended by TypeError: oh no',
    )
    const refused = await fetch(`${platform.url}/links/a`)
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refused.json()).toMatchObject({ message: expect.stringContaining('crashed 3 times') })
    expect(await status(platform)).toMatchObject({
      links: { state: 'broken', reason: expect.stringContaining('oh no') },
    })
    expect((await answer(platform, '/greeter/a'))[0]).toBe(200)
    // Whoever saves a correction need not wait.
    await edit(company, 'links', "throw new TypeError('oh no')", '')
    await expect.poll(async () => (await answer(platform, '/links/a'))[0], { timeout: 30_000 }).toBe(200)
  })

  it('ends with its supervisor, also when that is killed', { timeout }, async () => {
    await using company = await twoServlets()
    await using platform = await start(company, '--placement', 'isolated')
    await answer(platform, '/greeter/ada')
    const { pid } = (await status(platform)).greeter!
    platform.process.kill('SIGKILL')
    await platform.exit
    await expect.poll(() => isAlive(pid!), { timeout: 10_000 }).toBe(false)
  })

  it('says what a servlet without an interface document offers', { timeout }, async () => {
    await using company = await newCompany()
    await using platform = await start(company, '--placement', 'isolated')
    expect((await answer(platform, '/greeter/ada'))[0]).toBe(200)
  })

  it('answers for one that does not load with the reason, and the others run', { timeout }, async () => {
    await using company = await twoServlets()
    await company.write(`${greeter}/src/servlet.ts`, `throw new Error('no luck')`)
    await using platform = await start(company, '--placement', 'isolated')
    const [code, body] = await answer(platform, '/greeter/ada')
    expect([code, body]).toEqual([
      503,
      expect.objectContaining({ code: 'unavailable', message: expect.stringContaining('no luck') }),
    ])
    expect((await answer(platform, '/links/ada'))[0]).toBe(200)
  })
})

it('keeps a servlet out of a group that only has its name', { timeout }, async () => {
  await using company = await twoServlets()
  await company.write('infra/environments/local.json', '{ "groups": { "greeter": ["links"] } }')
  await using platform = await start(company, '--placement', 'groups')
  expect(await answer(platform, '/greeter/ada')).toEqual([200, { message: 'Hello ada' }])
  expect(await answer(platform, '/links/bob')).toEqual([200, { message: 'Hello bob' }])
  const { greeter, links } = await status(platform)
  expect(greeter!.pid).not.toBe(links!.pid)
})

it('takes a library that changed into those that import it', { timeout }, async () => {
  await using company = await twoServlets()
  await company.write(
    'packages/libraries/words/package.json',
    '{ "name": "@acme/words", "version": "0.0.0", "type": "module", "exports": "./src/words.ts" }',
  )
  await company.write('packages/libraries/words/src/words.ts', "export const word = 'Hello'\n")
  const path = '../../../libraries/words/src/words.ts'
  await edit(company, 'links', 'import { servlet', `import { word } from '${path}'\nimport { servlet`)
  await edit(company, 'links', '`Hello ', `\`\${word} `)
  for (const placement of ['merged', 'isolated']) {
    await company.write('packages/libraries/words/src/words.ts', "export const word = 'Hello'\n")
    await using platform = await start(company, '--placement', placement)
    expect(await answer(platform, '/links/ada')).toEqual([200, { message: 'Hello ada' }])
    await answer(platform, '/greeter/ada')
    const { greeter: before } = await status(platform)
    await company.write('packages/libraries/words/src/words.ts', "export const word = 'Moin'\n")
    await expect
      .poll(() => answer(platform, '/links/ada'), { timeout: 30_000 })
      .toEqual([200, { message: 'Moin ada' }])
    expect((await status(platform)).greeter!.pid).toBe(before!.pid)
    expect(platform.output()).not.toContain('greeter reloaded')
  }
})
