import { pageHead, sentence, table } from '../markdown.ts'
import { allRules } from '../rules/all-rules.ts'
import type { Rule } from '../rules/rule.ts'

/** docs/reference/rules.md */
export function rulesPage(): string {
  return `${pageHead('Rules of atlas check', '`tools/reference/src/rules`')}
\`npx atlas check\` reports everything at once. Each finding names its rule, the file, the place in it, what is wrong and what
to do. \`npx atlas check --json\` prints
\`{ "ok": false, "findings": [{ "rule", "severity", "file", "path", "message", "remedy", "witness"? }] }\`. Any error makes it exit
with 1; warnings do not. Rules cannot be switched off.

\`npx atlas start\` leaves a servlet out that has an error in its own folder, says so, and starts the others.

${allRules
  .map(({ about, rules }) =>
    `## ${sentence(about)}\n\n${table(['rule', 'broken when', 'what to do'], rules.map(row))}`.replace(
      /\.\n\n/,
      '\n\n',
    ),
  )
  .join('\n')}`
}

function row({ id, broken, why, remedy, severity }: Rule): string[] {
  const label = severity === undefined || severity === 'error' ? '' : ` (${severity})`
  return [
    `\`${id}\`${label}`,
    [broken, why]
      .filter((part) => part !== undefined)
      .map(sentence)
      .join(' '),
    sentence(remedy),
  ]
}
