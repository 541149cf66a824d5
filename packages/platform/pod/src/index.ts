export { type PodOptions, runServlet, type StoreOpeners } from './run-servlet.ts'
export type { OpenedStore, StoreOpener, StorePlace } from './stores/store-opener.ts'
