import type { Change, ImportedServlet } from '@atlas/interface'
import type { DescribedApi } from './described.ts'
import type { OasdiffFinding } from './history.ts'

/** Two versions of a description, as published and as imported. */
export interface Versions {
  readonly before: DescribedApi
  readonly after: DescribedApi
  /** The servlets that have the operation. */
  readonly was: ImportedServlet
  readonly is: ImportedServlet | undefined
  /** Another servlet of the new version that has the operation. */
  readonly elsewhere: string | undefined
}

/** A class that nothing has shown: somebody has to look. */
export const unexplained = 'unexplained'

/** Why only Atlas reports an operation, by what can be looked up or tried. */
export function classOfOurs(
  operation: string,
  changes: readonly Change[],
  { before, after, is, elsewhere }: Versions,
): string {
  const rules = changes.map(({ rule }) => rule)
  if (rules.every((rule) => rule.startsWith('grpc/') || rule.startsWith('protobuf/')))
    return 'only gRPC loses it, of which a description says nothing'
  if (rules.some((rule) => rule === 'endpoint/missing' || rule === 'endpoint/route')) {
    if (elsewhere !== undefined)
      return 'under another tag now, so in another servlet: at the same route, but no call of the old servlet finds it'
    if (after.operation(operation))
      return lossAt(is, operation, /^no endpoint/)
        ? 'the import of the new version left it out, and lists that'
        : unexplained
    return before.operation(operation)?.deprecated === true
      ? 'gone after it was deprecated: old callers get nothing, and oasdiff lets it go'
      : unexplained
  }
  // Asked of ajv, under the schemas as they were published.
  const isProven = changes.some(
    ({ rule, witness }) =>
      rule.startsWith('output/') &&
      witness?.kind === 'json' &&
      after.allowsAnswer(operation, witness.value) === true &&
      before.allowsAnswer(operation, witness.value) === false,
  )
  if (isProven)
    return 'a break that oasdiff does not see: ajv takes the answer under the new schema and refuses it under the old'
  return rules.every((rule) => rule === 'input/default')
    ? 'a default that changed, possibly breaking: every request is still taken'
    : unexplained
}

/** Why only oasdiff reports an operation, by what can be looked up or tried. */
export function classOfTheirs(
  operation: string,
  findings: readonly OasdiffFinding[],
  changes: readonly Change[],
  { before, after, was, is }: Versions,
): string {
  const every = (test: (finding: OasdiffFinding) => boolean): boolean => findings.every(test)
  if (every(({ id }) => /^request-(parameter|property)-removed$/.test(id)))
    return changes.some(({ rule }) => rule === 'input/field-removed')
      ? 'a field that callers may send and nothing reads: ignored, so minor (input/field-removed)'
      : unexplained
  if (every(({ id }) => id === 'request-parameter-type-changed')) {
    const differs = findings.some(({ text }) => {
      const name = /request parameter `([^`]+)`/.exec(text)?.[1] ?? ''
      return (
        withoutFormat(before.parameter(operation, name)) !== withoutFormat(after.parameter(operation, name))
      )
    })
    return differs ? unexplained : 'a format was named and nothing else changed: the same integers are valid'
  }
  const loss = lossAt(is, operation, listed) ?? lossAt(was, operation, listed)
  if (loss !== undefined) return `the import lists it: ${loss.replace(/ '.*?'|: .*|;.*| \d{3}/g, '')}`
  if (every(({ id }) => id.startsWith('response-body-'))) {
    const name = Object.entries(is?.document.endpoints ?? {}).find(
      ([, { route }]) => route === operation,
    )?.[0]
    const answer = name === undefined ? undefined : is?.answers[name]
    if (answer !== undefined && before.allowsAnswer(operation, answer) === true)
      return 'the answer is the same but for texts: containment is proven, and ajv takes the new answer under the old schema'
  }
  return unexplained
}

/** Losses that are about what oasdiff looks at. */
const listed = /^(a body with GET or DELETE|a body of several forms|other media types|what the error)/

function lossAt(servlet: ImportedServlet | undefined, operation: string, what: RegExp): string | undefined {
  return servlet?.losses.find((loss) => loss.where === operation && what.test(loss.what))?.what
}

function withoutFormat(parameter: unknown): string {
  return JSON.stringify(parameter, (key, value: unknown) =>
    key === 'format' || key === 'description' || key === 'examples' ? undefined : value,
  )
}
