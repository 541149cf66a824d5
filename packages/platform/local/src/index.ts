// For other Atlas packages.

export { configVariable, secretVariable } from '@atlas/manifest/variables'
export { EnvironmentUnreadable } from './environment-file.ts'
export { sentenceOf } from './finding-sentence.ts'
export type { FleetLimits } from './fleet/limits.ts'
export type { ServletStatus } from './gateway/status.ts'
export { type LoadedServlet, loadServlet } from './load-servlet.ts'
export type { WriteLine } from './log/text-log.ts'
export { type PlacementName, placements } from './placement/placement.ts'
export { secretsOf, setCommand } from './settings/secrets.ts'
export { changeSecrets, readSecrets, type Secrets, secretsFile } from './settings/secrets-file.ts'
export { type Settings, type SettingsSources, settingsOf } from './settings/settings.ts'
export { type Local, type LocalOptions, startLocal } from './start-local.ts'
export { spaceOf, stateFolder } from './state-folder.ts'
export {
  type DatabaseHost,
  type DatabaseHostOptions,
  databaseHost,
  type ReadyDatabase,
  type StoreName,
} from './stores/database-host.ts'
export { type OpenedStores, type OpenStoresOptions, openStores } from './stores/open-stores.ts'
export type { StorePlan, StorePlans } from './stores/store-plan.ts'
export { type StoreProvider, type StoreProviderOptions, storeProvider } from './stores/store-provider.ts'
