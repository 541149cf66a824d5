import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type MetricSpec, metricSpecs } from './schema.ts'

test('the README has all metrics', async () => {
  const path = join(import.meta.dirname, '../README.md')
  const rows = Object.entries<MetricSpec>(metricSpecs).map(
    ([name, { type, labels, help }]) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  )
  const table = ['| metric | type | labels | what |', '| --- | --- | --- | --- |', ...rows].join('\n')
  const readme = readFileSync(path, 'utf8').replace(
    /(<!-- metrics: .* -->\n)[\s\S]*(<!-- end of metrics -->)/,
    (_, begin: string, end: string) => `${begin}\n${table}\n\n${end}`,
  )
  await expect(readme).toMatchFileSnapshot(path)
})
