import { describeFields, type ManifestKind } from '@atlas/manifest'
import { code, pageHead, prose, table } from '../markdown.ts'

const files: readonly { kind: ManifestKind; title: string; about: string }[] = [
  {
    kind: 'servlet',
    title: 'servlet.json',
    about:
      'In the folder of each servlet: what its owner declares and nobody can derive. Only `owner` is required.',
  },
  {
    kind: 'library',
    title: 'library.json',
    about: 'In the folder of each library: who owns it, and who may import it.',
  },
  {
    kind: 'environment',
    title: 'infra/environments/NAME.json',
    about: 'Where servlets run. `local.json` is what `atlas start` goes by. An empty `{}` is an environment.',
  },
  { kind: 'teams', title: 'infra/teams.json', about: 'Who owns things, by the name of the team.' },
]

/** docs/reference/manifest.md */
export function manifestPage(): string {
  return `${pageHead('Files that people write', 'the schemas in `packages/platform/manifest/src/schema`')}
Each file may start with \`"$schema": "<way to>/node_modules/@atlas/manifest/schemas/KIND.schema.json"\`; an editor then
completes fields and shows these texts. In paths, \`<name>\` stands for a name that the author chooses, and \`[]\` for the items
of a list. A field that does not exist is an error, never ignored.

On this machine \`atlas start\` takes the secret \`scanKey\` of the servlet \`files\` from the variable
\`ATLAS_SECRET_FILES_SCAN_KEY\`, and keeps stores in \`.atlas/local/SERVLET/STORE\`.

${files.map(section).join('\n')}`
}

function section({ kind, title, about }: (typeof files)[number]): string {
  const rows = describeFields(kind).map((field) => [
    code(field.path),
    code(field.type),
    field.required ? 'required' : code(field.default ?? ''),
    describe(field.description, field.examples),
  ])
  return `## ${title}\n\n${about}\n\n${table(['field', 'type', 'default', 'what it says'], rows)}`
}

function describe(description: string, examples: readonly string[]): string {
  if (examples.length === 0) return prose(description)
  const shown = examples.map(code).join(', ')
  return `${prose(description)}${description === '' || /[.!?]$/.test(description) ? ' ' : '. '}For example ${shown}.`.trim()
}
