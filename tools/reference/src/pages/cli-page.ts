import { pageHead, table } from '../markdown.ts'
import { commandHelps } from '../sources/cli-help.ts'

/** The exit codes of every command; their names are the sources'. */
export const exitCodes: readonly { name: string; value: number; means: string }[] = [
  { name: 'done', value: 0, means: 'It is done. `check` may have warned.' },
  { name: 'refused', value: 1, means: 'Refused, or done with findings: the output says what to change.' },
  {
    name: 'usage',
    value: 2,
    means: 'Wrong use: an unknown command, option, servlet or team, a missing argument.',
  },
  {
    name: 'outside',
    value: 3,
    means:
      'Something outside failed: a port that is taken, a platform that does not run, a registry, a cluster.',
  },
  { name: 'held', value: 4, means: 'A rollout was rolled back, or is held for a person to decide.' },
]

/** docs/reference/cli.md */
export async function cliPage(): Promise<string> {
  const commands = await commandHelps()
  return `${pageHead('The atlas command', "the commands' own help")}
In this repository and in a workspace made by \`atlas init\`: \`npx atlas COMMAND\`. \`npm start\` is \`atlas start\`, and
\`npm start -- --port 18080\` passes an option on. Commands find the root of the workspace from any folder in it.

With \`--json\` a command prints one JSON document on stdout and nothing else there; what is for people goes to stderr. A command that could not do its work prints \`{ "error": { "message" } }\`.

${commands.map(({ name, help }) => `## ${name}\n\n\`\`\`text\n${help}\n\`\`\`\n`).join('\n')}
## Exit codes

${table(
  ['code', 'meaning'],
  exitCodes.map(({ value, means }) => [`\`${value}\``, means]),
)}
A second Ctrl-C ends \`atlas start\` at once, with 130. An error that is none of these (a bug) ends with a stack and 1.
`
}
