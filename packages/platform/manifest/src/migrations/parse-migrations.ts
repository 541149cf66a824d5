import { createHash } from 'node:crypto'
import { errorFinding, type Finding } from '../finding.ts'
import type { Migration, MigrationFile } from './migration.ts'
import { statementsOf } from './statements.ts'

const fileName = /^(\d{4})-([a-z0-9]+(?:-[a-z0-9]+)*)\.(expand|contract)\.sql$/
const shape = 'NNNN-name.expand.sql or NNNN-name.contract.sql, as in 0001-create-links.expand.sql'

/**
 * Makes migrations out of the files of one store, in their order. Names must be right, and numbers count from 1 without
 * gaps, so that every database has applied a beginning of the same list.
 */
export function parseMigrations(files: readonly MigrationFile[]): {
  readonly migrations: readonly Migration[]
  readonly findings: readonly Finding[]
} {
  const migrations: Migration[] = []
  const findings: Finding[] = []
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const { name, file, text } of sorted) {
    const found = fileName.exec(name)
    if (!found) {
      findings.push(
        errorFinding({
          rule: 'migrations/name',
          file,
          path: '',
          message: 'is not the name of a migration',
          remedy: `call it ${shape}, or move it out of the folder`,
        }),
      )
      continue
    }
    const [, number, words = '', kind] = found
    migrations.push({
      number: Number(number),
      name: words,
      kind: kind as Migration['kind'],
      sql: text,
      checksum: checksumOf(text),
      file,
    })
    findings.push(...checkText(text, file))
  }
  findings.push(...checkNumbers(migrations))
  return { migrations, findings }
}

function checkNumbers(migrations: readonly Migration[]): Finding[] {
  let before: Migration | undefined
  for (const migration of migrations) {
    const { number, name, kind, file } = migration
    const last = before?.number ?? 0
    const show = (wanted: number) => `${String(wanted).padStart(4, '0')}-${name}.${kind}.sql`
    const finding = { file, path: '' }
    if (before && number === last)
      return [
        errorFinding({
          ...finding,
          rule: 'migrations/duplicate',
          message: `has the number of ${before.file.slice(before.file.lastIndexOf('/') + 1)}`,
          remedy: `rename the newer one to the next free number, as in ${show(migrations.at(-1)!.number + 1)}`,
        }),
      ]
    if (number !== last + 1)
      return [
        errorFinding({
          ...finding,
          rule: 'migrations/gap',
          message: `comes after number ${last}, so number ${last + 1} is missing`,
          remedy: `rename it to ${show(last + 1)}, or bring back what is missing`,
        }),
      ]
    before = migration
  }
  return []
}

/** Each migration is one transaction together with its record, so none may end it. */
function checkText(text: string, file: string): Finding[] {
  const statements = statementsOf(text)
  if (statements.length === 0)
    return [
      errorFinding({
        rule: 'migrations/empty',
        file,
        path: '',
        message: 'has no statement',
        remedy: 'write one, or remove the file',
      }),
    ]
  const ending = statements.find(({ sql }) => endsTransaction.test(sql) || outsideOnly.test(sql))
  if (!ending) return []
  const word = ending.sql.split(/\s+/, 2).join(' ').toUpperCase()
  return [
    errorFinding({
      rule: 'migrations/transaction',
      file,
      path: `line ${ending.line}`,
      message: outsideOnly.test(ending.sql)
        ? 'cannot run inside the transaction that every migration is'
        : `has ${word}, but the platform runs every migration in a transaction of its own`,
      remedy: outsideOnly.test(ending.sql) ? 'write it without CONCURRENTLY, or as two steps' : 'remove it',
    }),
  ]
}

const endsTransaction =
  /^(begin|commit|rollback|abort|start\s+transaction|prepare\s+transaction)\s*(work|transaction)?\b(?!\s+atomic)/i
const outsideOnly =
  /^(vacuum\b|(create\s+(unique\s+)?|drop\s+|re)index\s+concurrently\b|(create|drop)\s+database\b|alter\s+system\b)/i

/** Editors and git may change line ends; that is no change of a migration. */
function checksumOf(text: string): string {
  return createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex')
}
