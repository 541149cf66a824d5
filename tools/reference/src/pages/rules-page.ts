import { breakingRules, type ChangeRule, harmlessRules } from '@atlas/interface'
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
  .join('\n')}
## Rules of the comparison

What \`atlas check\`, \`atlas change\` and \`atlas impact\` say of two versions of an interface. \`input/...\` is about what callers send,
\`output/...\` and \`error/...\` about what they get. *Breaking* ones come with a witness, a message that the one side sends and the
other refuses; what cannot be decided is *possibly breaking*. Both ask for a major version where they hurt callers of the old version, unless
the changeset accepts them ([how](../guides/changing-an-interface.md)). The same rules say what happens to callers of the new version that
meet the old one, in a canary or after a rollback: there they decide the order of a rollout.

${changeTable('somebody may be hurt, because', breakingRules)}
These hurt no caller. They make a version minor, or a patch where that is said.

${changeTable('what changed', harmlessRules)}`
}

function changeTable(head: string, rules: readonly ChangeRule[]): string {
  return table(
    ['rule', head],
    rules.map(({ id, means }) => [`\`${id}\``, sentence(means)]),
  )
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
