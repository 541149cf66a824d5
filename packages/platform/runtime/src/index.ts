export type { TlsOptions } from './adapters/front/front.ts'
export type { Authenticate } from './authentication.ts'
export type { Limits } from './limits.ts'
export type { RequestLog } from './request-log.ts'
export { type CloseOptions, type ServeOptions, type Server, serve } from './serve.ts'
export {
  createTelemetry,
  type LineSink,
  type LogLevel,
  type Protocol,
  type ServletTraffic,
  standardOutput,
  streamSink,
  type Telemetry,
  type TelemetryOptions,
  traceHeaders,
  trafficBetween,
} from './telemetry/index.ts'
