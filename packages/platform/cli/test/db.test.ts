import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Company, newCompany, runWith } from './company.ts'

const links = 'packages/servlets/links'
let company: Company

beforeAll(async () => {
  company = await newCompany()
  await company.atlas('new', 'servlet', 'links')
  await company.write(
    `${links}/servlet.json`,
    JSON.stringify({ owner: 'web', stores: { links: { postgres: {} }, clicks: { postgres: {} } } }),
  )
  await company.write(
    `${links}/migrations/links/0001-create-links.expand.sql`,
    'create table links (id int primary key, url text, "at" timestamptz);',
  )
}, 120_000)

afterAll(async () => {
  // The server ends by itself soon after its last user; then its folder can go.
  for (let waitedMs = 0; waitedMs < 20_000; waitedMs += 100) {
    if (!(await stat(join(company.root, '.atlas/postgres/keeper.json')).catch(() => undefined))) break
    await sleep(100)
  }
  await company[Symbol.asyncDispose]()
}, 60_000)

const psql = async (sql: string, ...args: string[]) => {
  const { stdout } = await company.atlas('db', 'psql', 'links.links', '--json', '--command', sql, ...args)
  return JSON.parse(stdout) as { results: { command: string; rows: unknown[] }[] }
}

describe('atlas db', { timeout: 180_000 }, () => {
  it('migrates what is declared, once, and says so', async () => {
    const first = await company.atlas('db', 'migrate')
    expect(first).toMatchObject({ code: 0 })
    expect(first.stdout).toContain(
      `links.links: applied ${links}/migrations/links/0001-create-links.expand.sql\nlinks.clicks: nothing new\n`,
    )
    const { stdout } = await company.atlas('db', 'migrate', 'links.links', '--json')
    expect(JSON.parse(stdout)).toEqual({
      databases: [
        { servlet: 'links', store: 'links', database: 'local_links_links', applied: [], newer: [] },
      ],
    })
  })

  it('asks a database: rows for people and for programs, from an option or standard input', async () => {
    await psql(`insert into links values (1, 'a', '2026-11-25T10:00:00Z')`)
    expect((await psql('select id, url from links')).results).toEqual([
      { command: 'SELECT', rowCount: 1, columns: ['id', 'url'], rows: [{ id: 1, url: 'a' }] },
    ])
    const script = 'select id, url, "at" from links; select 2 as two;'
    const read = await runWith(script, company, ['db', 'psql', 'links.links'])
    expect(read.stdout).toBe('id  url  at\n1   a    2026-11-25T10:00:00.000Z\n(1 row)\ntwo\n2\n(1 row)\n')
    const wrong = await company.atlas('db', 'psql', 'links.links', '-c', 'selct 1')
    expect(wrong).toMatchObject({ code: 1, stderr: 'error: syntax error at or near "selct" (42601)\n' })
  })

  it('keeps the data of namespaces apart', async () => {
    const inside = await psql('select count(*)::int as n from links', '--namespace', 'feature-x')
    expect(inside.results[0]!.rows).toEqual([{ n: 0 }])
    const beside = await psql('select count(*)::int as n from links')
    expect(beside.results[0]!.rows).toEqual([{ n: 1 }])
    expect(await company.atlas('db', 'migrate', '--namespace', 'Feature X')).toMatchObject({ code: 2 })
  })

  it('resets what is named only', async () => {
    const unnamed = await company.atlas('db', 'reset')
    expect(unnamed).toMatchObject({ code: 2 })
    expect(unnamed.stderr).toContain('say which: links.links, links.clicks, or --all')
    const { stdout } = await company.atlas('db', 'reset', 'links.links', '--json')
    expect(JSON.parse(stdout)).toEqual({
      databases: [
        { servlet: 'links', store: 'links', database: 'local_links_links', existed: true, applied: 1 },
      ],
    })
    expect((await psql('select * from links')).results[0]!.rows).toEqual([])
  })

  it('refuses a migration that was changed after it was applied, and one that fails', async () => {
    const file = `${links}/migrations/links/0001-create-links.expand.sql`
    const before = await company.read(file)
    await company.write(file, `${before}\n-- and more`)
    const changed = await company.atlas('db', 'migrate', 'links.links')
    expect(changed).toMatchObject({ code: 1 })
    expect(changed.stderr).toMatch(/^error: .*was changed after it had been applied; undo the change/)
    await company.write(file, before)
    await company.write(`${links}/migrations/links/0002-bad.expand.sql`, 'alter table nope add x int')
    const failed = await company.atlas('db', 'migrate', 'links', '--json')
    expect(failed).toMatchObject({ code: 1 })
    expect(JSON.parse(failed.stdout)).toMatchObject({
      error: { message: expect.stringContaining('relation "nope" does not exist') },
    })
  })

  it('suggests what was meant', async () => {
    const result = await company.atlas('db', 'psql', 'link.links', '-c', 'select 1')
    expect(result).toMatchObject({ code: 2 })
    expect(result.stderr).toContain("there is no Postgres store 'link.links'; did you mean 'links.links'?")
    expect((await company.atlas('db', 'psql', 'links', '-c', 'select 1')).stderr).toContain(
      'links has several',
    )
    expect(await company.atlas('db', 'migrate', '--environment', 'prod')).toMatchObject({ code: 2 })
  })
})
