export type { TlsOptions } from './adapters/front/front.ts'
export type { Authenticate } from './authentication.ts'
// For other Atlas packages.
export type { CookiePolicy, CorsPolicy, EdgePolicy } from './edge/edge-policy.ts'
export type { CallerOf, Forward, GatewayServlet } from './gateway/dispatcher.ts'
export { type GatewayOptions, serveGateway } from './gateway/serve-gateway.ts'
export { encodeSubject, hopHeaders } from './gateway/subject.ts'
export { type Hop, Upstream } from './gateway/upstream.ts'
export type { Limits } from './limits.ts'
export {
  createOverload,
  type EndpointOverload,
  type Overload,
  type OverloadOptions,
} from './overload/overload.ts'
export type { Page, Pages, PageText } from './pages.ts'
export type { RequestLog } from './request-log.ts'
export { RequestScope } from './request-scope.ts'
export { type CloseOptions, type ServeOptions, type Server, serve } from './serve.ts'
export {
  type CallCount,
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
export type { Answer, UniversalRequest, UniversalResponse } from './universal.ts'
