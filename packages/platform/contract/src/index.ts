export { type Code, codeOfHttpStatus, codes, isCode } from './code.ts'
export { type Method, methods, type Route } from './route.ts'

// For other Atlas packages.
export { ambiguity, mustParseRoute, type ParsedRoute, parseRoute, type RoutePattern, type Segment } from './route.ts'
