import { errorAdvice } from '../errors/error-advice.ts'
import type { ErrorAdvice } from '../errors/error-situation.ts'
import { code, pageHead, sentence, table } from '../markdown.ts'
import { type ContractProblem, contractProblems, grpcWayOut } from '../sources/contract-problems.ts'
import { type PlatformError, platformErrors } from '../sources/platform-errors.ts'

/** docs/reference/errors.md */
export async function errorsPage(): Promise<string> {
  const made = new Map((await platformErrors()).map((error) => [`${error.code} ${error.message}`, error]))
  const problems = await contractProblems()
  return `${pageHead('Errors', 'the sources of the platform, and `tools/reference/src/errors`')}
Over HTTP an error is a status and a JSON document \`{ "code", "message", "kind"?, "data"? }\`. In TypeScript it is an
\`AtlasError\` with the same fields. \`code\` is one of the [sixteen codes](codes.md). \`kind\` and \`data\` are there when the contract
declares the error; \`.result()\` of a client returns those, everything else is thrown.

This page lists what the platform itself says: to callers first, then to authors of contracts. \`…\` stands for what differs.

${errorAdvice
  .map(
    ({ title, errors }) =>
      `## ${title}\n\n${table(
        ['code', 'HTTP', 'message', 'when', 'what to do'],
        errors.map((advice) => adviceRow(advice, made.get(advice.error))),
      )}`,
  )
  .join('\n')}
An error that a called servlet answered with is not passed on as the caller's own: its code is kept when it says the same to
everybody further up (\`deadline_exceeded\`, \`resource_exhausted\`, \`unauthenticated\`, \`unavailable\`, and \`canceled\` if the call itself
was cancelled), with the name of the endpoint before the message. Any other becomes \`internal\`.

## What a contract is refused for

A contract is checked when it is loaded, and all problems are reported at once, each with its path (\`greet.input.birthday\`), the
message and what to write instead.

${sections.map((section) => problemSection(section, problems)).join('\n')}`
}

function adviceRow({ error, when, remedy }: ErrorAdvice, made: PlatformError | undefined): string[] {
  const [code_ = '', ...words] = error.split(' ')
  return [
    code(code_),
    made ? String(made.status) : '',
    code(words.join(' ').replace(/^…… \(and … more\)$/, '… (and … more)')),
    sentence(when),
    sentence(remedy),
  ]
}

interface Section {
  readonly title: string
  readonly about: string
  readonly from: readonly string[]
}

const sections: readonly Section[] = [
  { title: 'Names, routes and options', about: '', from: ['check-contract', 'route'] },
  {
    title: 'Schemas that say too little',
    about:
      'The interface document is compared between versions. What JSON Schema cannot say would be missing there, so it is refused.',
    from: ['representable', 'predicates', 'default-value'],
  },
  {
    title: 'Fields that a URL cannot carry',
    about:
      'Fields of the route travel in the path; on GET and DELETE, and where the body is bytes, all others in the query.',
    from: ['http'],
  },
  {
    title: 'What protobuf cannot carry',
    about: `Every endpoint must have a protobuf form unless it says \`grpc: false\`, although gRPC is not served yet: a contract that grew without it could not be given it later. Each remedy ends with "${grpcWayOut}".`,
    from: ['protobuf'],
  },
]

function problemSection({ title, about, from }: Section, problems: readonly ContractProblem[]): string {
  const rows = problems
    .filter((problem) => from.includes(problem.from))
    .map(({ message, remedy }) => [code(message), code(remedy)])
  return [
    `### ${title}\n`,
    ...(about ? [`${about}\n`] : []),
    table(['message', 'what to write instead'], rows),
  ].join('\n')
}

/** The sources that sections show. */
export const shownSources: readonly string[] = sections.flatMap(({ from }) => from)
