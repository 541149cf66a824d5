import { describe, expect, it } from 'vitest'
import { parseMigrations } from './parse-migrations.ts'
import { statementsOf } from './statements.ts'

const files = (...names: string[]) => names.map((name) => file(name))
const file = (name: string, text = 'select 1;') => ({ name, file: `migrations/links/${name}`, text })
const rulesOf = (given: Parameters<typeof parseMigrations>[0]) =>
  parseMigrations(given).findings.map(({ rule, file }) => `${rule} ${file.slice(file.lastIndexOf('/') + 1)}`)

describe('migrations', () => {
  it('come in the order of their numbers, with the kind that their name says', () => {
    const { migrations, findings } = parseMigrations(files('0002-b-c.contract.sql', '0001-a.expand.sql'))
    expect(findings).toEqual([])
    expect(migrations.map(({ number, name, kind }) => [number, name, kind])).toEqual([
      [1, 'a', 'expand'],
      [2, 'b-c', 'contract'],
    ])
  })

  it('have a checksum of their text, whatever the line ends', () => {
    const checksum = (text: string) =>
      parseMigrations([file('0001-a.expand.sql', text)]).migrations[0]!.checksum
    expect(checksum('select 1;\nselect 2;\n')).toBe(checksum('select 1;\r\nselect 2;\r\n'))
    expect(checksum('select 1;\n')).not.toBe(checksum('select 2;\n'))
  })

  it.each([
    '1-a.expand.sql',
    '0001-a.sql',
    '0001_a.expand.sql',
    '0001-A.expand.sql',
    '0001-a.drop.sql',
    'README.md',
  ])('are not called %s', (name) => {
    expect(rulesOf(files(name))).toEqual([`migrations/name ${name}`])
  })

  it('have numbers without gaps from 1, and each once', () => {
    expect(rulesOf(files('0002-a.expand.sql'))).toEqual(['migrations/gap 0002-a.expand.sql'])
    expect(rulesOf(files('0001-a.expand.sql', '0003-b.expand.sql'))).toEqual([
      'migrations/gap 0003-b.expand.sql',
    ])
    expect(rulesOf(files('0001-a.expand.sql', '0001-b.expand.sql'))).toEqual([
      'migrations/duplicate 0001-b.expand.sql',
    ])
    const [finding] = parseMigrations(
      files('0001-a.expand.sql', '0001-b.expand.sql', '0002-c.expand.sql'),
    ).findings
    expect(finding!.remedy).toContain('0003-b.expand.sql')
  })

  it.each([
    ['begin; create table a(); commit;', 'migrations/transaction'],
    ['create table a();\n  COMMIT', 'migrations/transaction'],
    ['start transaction', 'migrations/transaction'],
    ['create unique index concurrently a on b (c)', 'migrations/transaction'],
    ['reindex concurrently a', 'migrations/transaction'],
    ['vacuum a', 'migrations/transaction'],
    ['-- nothing\n/* at /* all */ */ ;', 'migrations/empty'],
    ['', 'migrations/empty'],
  ])('do not hold %j', (text, rule) => {
    expect(rulesOf([file('0001-a.expand.sql', text)])).toEqual([`${rule} 0001-a.expand.sql`])
  })

  it.each([
    `create function f() returns void language plpgsql as $$ begin; commit; end $$;`,
    `create function f() returns void language plpgsql as $body$ begin perform $$;commit;$$; end $body$`,
    `insert into a values ('; commit; it''s'), (E'\\'; commit;');`,
    `comment on table a is '-- no comment'; select "; commit;" from a -- ; commit`,
    'create table "begin" (id int)',
    '/* commit; */ select 1',
    'create table a (commit int, "end" int)',
    'create procedure p() begin atomic select 1; end',
  ])('may hold %j', (text) => {
    const { findings } = parseMigrations([file('0001-a.expand.sql', text)])
    expect(findings).toEqual([])
  })
})

describe('statements', () => {
  it('know the line that they begin in', () => {
    const found = statementsOf(`-- first\n\ncreate table a ();\n/* b\n */ drop table a;\n'x'`)
    expect(found.map(({ line }) => line)).toEqual([3, 5, 6])
  })

  it('end with the text where a string or comment is never closed', () => {
    for (const text of [`select 'a`, 'select /* a', 'select $a$ b', 'select "a'])
      expect(statementsOf(text)).toHaveLength(1)
  })
})
