import { codes } from '@atlas/contract'
import { pageHead, sentence, table } from '../markdown.ts'

/** docs/reference/codes.md */
export function codesPage(): string {
  return `${pageHead('Error codes', '`codes` of @atlas/contract')}
Every error has one of these codes, and there will be no others. A typed error of a contract names one:
\`error('not_found', { path: z.string() })\`. Who does not know the kind still knows from the code what to do.

${table(
  ['code', 'means', 'HTTP', 'gRPC'],
  Object.entries(codes).map(([code, { http, grpc, means }]) => [
    `\`${code}\``,
    sentence(means),
    String(http),
    String(grpc),
  ]),
)}
HTTP statuses are Connect's mapping, gRPC numbers are gRPC's own. Some errors of the platform have a more telling HTTP
status than their code's, such as 405 or 413: see [errors.md](errors.md). gRPC is not served yet.

Several codes share one status, so read \`code\` in the body of the answer, not the status. Retry \`unavailable\` with
backoff; retry \`aborted\` from the start of what you were doing; do not just retry the others.
`
}
