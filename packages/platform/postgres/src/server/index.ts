// For other Atlas packages: what starts servers, apart from what needs one.
export { acquireServer, type HeldServer } from './acquire.ts'
export { type Purpose, serverConnections } from './cluster.ts'
