export type {
  CallFacts,
  Calls,
  ClientsOf,
  ConfigOf,
  Context,
  Env,
  ErrorMaker,
  ErrorMakers,
  ManifestJson,
  SecretsOf,
} from './context.ts'
// For other Atlas packages.
export { enforceAccess } from './instance/access.ts'
export { type CallScope, currentCall } from './instance/call-scope.ts'

export type { EndpointRunner } from './instance/endpoint-runner.ts'
export { type InProcessCaller, inProcessTransport } from './instance/in-process.ts'
export { inheritCall } from './instance/inherit-call.ts'
export {
  type Instance,
  type InstanceOptions,
  type RunningMount,
  runnerOf,
  startInstance,
} from './instance/instance.ts'
export type { LogFields, Logger } from './logger.ts'
export { silent } from './logger.ts'
// For inference: types that a servlet's own type can name.
export type { AddedBy } from './middleware.ts'
export {
  type Answered,
  type Middleware,
  type MiddlewareContext,
  middleware,
  type Next,
} from './middleware.ts'
export type { LoadedMount, Mount, MountOptions, NodeHandler, WebHandler } from './mount/mount.ts'
export { type NodeApp, node } from './mount/node.ts'
export { web } from './mount/web.ts'
export type { Seed, SeedEnv } from './seed.ts'
export type { ServletDefinition } from './servlet.ts'
export { type Handler, type Handlers, type Needs, type Servlet, type Setup, servlet } from './servlet.ts'
export { blobMetadataJson, checkBlobKey, compareKeys, matchFailed } from './stores/blob-key.ts'
export type { Blob, BlobInfo, Blobs, ListOptions, PutOptions } from './stores/blobs.ts'
export type { Postgres } from './stores/postgres.ts'
export { queryCall } from './stores/query-call.ts'
export { sqlStateOf } from './stores/store-error.ts'
export type { StoreKind, StoreKinds, StoresOf } from './stores/stores.ts'
