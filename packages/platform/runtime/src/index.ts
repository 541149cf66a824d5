export type { Authenticate } from './authentication.ts'
export type { Limits } from './limits.ts'
export type { RequestLog } from './request-log.ts'
export { type CloseOptions, type ServeOptions, type Server, serve } from './serve.ts'
