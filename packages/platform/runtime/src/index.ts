export type { Authenticate } from './authentication.ts'
export type { Limits } from './limits.ts'
export type { RequestLog } from './request-log.ts'
export { type CloseOptions, type Server, type ServeOptions, serve } from './serve.ts'
