/** What a rule of the comparison says, for people who meet it. Markdown, without a full stop. */
export interface ChangeRule {
  readonly id: string
  /** What somebody may do that somebody else does not take. */
  readonly means: string
}

const payloads: readonly [kind: string, means: string][] = [
  ['field-missing', 'a field may be left out that the other side requires'],
  ['field-refused', 'a field may be sent that the other side refuses'],
  ['type', 'a value may be of a JSON type that the other side does not take'],
  ['null', '`null` may be sent where the other side takes none'],
  ['value', 'a value of an enum or a literal may be sent that the other side does not know'],
  ['variant', 'a variant of a union may be sent that the other side does not know'],
  ['length', 'text may be shorter or longer than the other side takes'],
  ['range', 'a number may be smaller, larger or finer than the other side takes'],
  ['format', 'text may have a form (format, pattern) that the other side does not take'],
  ['count', 'a list or an object may have fewer or more members than the other side takes, or one twice'],
  ['key', 'a record may have a key that the other side does not take'],
  ['refinement', 'a named refinement is new or has another version; never more than *possibly breaking*'],
  [
    'undecided',
    'a schema uses words that are not compared, or is too large to be compared to the end; never more than *possibly breaking* without a witness',
  ],
]

/** Rules of differences that hurt somebody: old callers, which makes a version major, or new callers of the old version. */
export const breakingRules: readonly ChangeRule[] = [
  {
    id: 'servlet/undecided',
    means: 'the documents are too large to be compared to the end; *possibly breaking*',
  },
  { id: 'servlet/renamed', means: 'the servlet has another name' },
  {
    id: 'endpoint/undecided',
    means: 'an endpoint is too large to be compared to the end; *possibly breaking*',
  },
  { id: 'endpoint/missing', means: 'an endpoint is not there' },
  {
    id: 'endpoint/route',
    means: 'a request as callers make it reaches nothing, another endpoint, or the wrong field',
  },
  {
    id: 'endpoint/captured',
    means: 'some requests of an endpoint reach another one with a more specific route',
  },
  { id: 'endpoint/access', means: 'some who might call may not' },
  { id: 'endpoint/idempotent', means: 'calls that callers repeat have a further effect' },
  { id: 'grpc/missing', means: 'an endpoint is not served over gRPC' },
  { id: 'mount/missing', means: 'nothing is mounted at a prefix' },
  { id: 'mount/access', means: 'some who might use a mount may not' },
  { id: 'input/body', means: 'bytes are sent where JSON is expected, or the other way' },
  { id: 'output/kind', means: 'the answer is another of message, stream and bytes' },
  { id: 'error/code', means: 'an error that callers know has another code' },
  ...['input', 'output'].flatMap((part) => [
    { id: `${part}/bytes-type`, means: 'bytes may have a media type that the other side does not take' },
    { id: `${part}/bytes-size`, means: 'bytes may be more than the other side takes' },
  ]),
  ...['input', 'output', 'error'].flatMap((part) =>
    payloads.map(([kind, means]) => ({ id: `${part}/${kind}`, means })),
  ),
  {
    id: 'input/default',
    means: 'a field that is left out stands for another value than before; *possibly breaking*',
  },
  {
    id: 'protobuf/number-changed',
    means: 'a field has different numbers on the two sides, so it is not read',
  },
  { id: 'protobuf/number-reused', means: 'a number means two fields' },
  { id: 'protobuf/type-changed', means: 'a field has types that are written differently' },
  { id: 'protobuf/enum-number', means: 'a value of an enum has different numbers' },
  {
    id: 'protobuf/reserved-used',
    means: 'a number is used again that meant something else; *possibly breaking*',
  },
  {
    id: 'protobuf/reserved-lost',
    means: 'a number that meant something is not reserved any more; *possibly breaking*',
  },
]

/** Rules of differences that hurt no old caller. */
export const harmlessRules: readonly ChangeRule[] = [
  { id: 'endpoint/added', means: 'an endpoint is new' },
  { id: 'endpoint/renamed', means: 'an endpoint without gRPC has another name and the same route' },
  { id: 'endpoint/access-widened', means: 'more may call' },
  { id: 'endpoint/idempotent-gained', means: 'calls may be repeated' },
  { id: 'endpoint/deprecated', means: 'the end of an endpoint is announced' },
  { id: 'endpoint/deprecation', means: 'what was announced has changed (patch)' },
  { id: 'endpoint/described', means: 'only descriptions, titles or names of shared schemas differ (patch)' },
  { id: 'grpc/added', means: 'an endpoint is served over gRPC too' },
  { id: 'mount/added', means: 'something is mounted' },
  { id: 'mount/access-widened', means: 'more may use a mount' },
  {
    id: 'error/added',
    means: 'there is a new error kind, which callers that do not know it see as its code',
  },
  { id: 'error/removed', means: 'an error kind does not occur any more' },
  ...['input', 'output', 'error'].flatMap((part) => [
    { id: `${part}/field-added`, means: 'a field is new' },
    { id: `${part}/field-removed`, means: 'a field that could be absent is gone; readers ignore it' },
    { id: `${part}/field-deprecated`, means: 'a field is marked deprecated' },
    { id: `${part}/open-value-added`, means: 'an enum or union marked `open` has more known values' },
  ]),
  { id: 'input/default-added', means: 'a field that is left out stands for a value' },
  { id: 'input/widened', means: 'an input takes more than before' },
  { id: 'output/narrowed', means: 'an output promises more than before' },
  { id: 'error/narrowed', means: 'the data of an error promise more than before' },
  { id: 'servlet/calls', means: 'the servlet calls other endpoints (patch)' },
  { id: 'servlet/described', means: 'the document differs in what no caller sees (patch)' },
]

/** Every rule id of the comparison. */
export const changeRuleIds: ReadonlySet<string> = new Set(
  [...breakingRules, ...harmlessRules].map(({ id }) => id),
)
