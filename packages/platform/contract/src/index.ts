export {
  type ByteStream,
  type ByteStreamOptions,
  type Bytes,
  type BytesOptions,
  type BytesSource,
  byteStream,
  bytes,
} from './bytes.ts'
export type { Problem } from './check/problem.ts'
export { type Code, codes, isCode } from './code.ts'
export { type Contract, ContractError, contract, type Endpoints } from './contract.ts'
export {
  type Access,
  type CheckedRoute,
  type Deprecation,
  type Empty,
  type Endpoint,
  type EndpointSpec,
  endpoint,
  type Output,
  type RouteFields,
} from './endpoint.ts'
export {
  AtlasError,
  type AtlasErrorInit,
  type ErrorDocument,
  type ErrorSpec,
  type ErrorSpecs,
  error,
  type Issue,
  type NoData,
} from './error.ts'
export type {
  AnswerOf,
  AnyEndpoint,
  CallInputOf,
  EndpointsOf,
  ErrorOf,
  ErrorSpecsOf,
  InputOf,
  OutputOf,
} from './infer.ts'
export { type OpenEnum, type OpenUnion, open } from './open.ts'
export { type Page, type PagingOptions, page, paging } from './page.ts'
export { named, type Refinement } from './refinement.ts'
export type { Method, Route } from './route.ts'
export { type Stream, stream } from './stream.ts'

// For other Atlas packages.

export { type BoundField, bindingOf, fromText, type HttpBinding } from './binding.ts'
export { matchesMediaType } from './bytes.ts'
export { isBytes, isStream } from './check/check-contract.ts'
export { snakeCase } from './check/protobuf.ts'
export { codeOfHttpStatus } from './code.ts'
export { errorDocument, invalidInput, issuesOf } from './error.ts'
export { type Parsed, type Parser, parserOf } from './parser.ts'
export {
  ambiguity,
  methods,
  mustParseRoute,
  type ParsedRoute,
  parseRoute,
  type RoutePattern,
  type Segment,
} from './route.ts'
export { defOf, innerOfLazy, type SchemaDef, type Unwrapped, unwrap } from './schema-def.ts'
