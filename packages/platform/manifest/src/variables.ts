/** `files`, `scanKey` -> `ATLAS_SECRET_FILES_SCAN_KEY`. */
export function secretVariable(servlet: string, secret: string): string {
  return `ATLAS_SECRET_${words(servlet)}_${words(secret)}`
}

/** `files`, `quotaMiB` -> `ATLAS_CONFIG_FILES_QUOTA_MIB`. */
export function configVariable(servlet: string, name: string): string {
  return `ATLAS_CONFIG_${words(servlet)}_${words(name)}`
}

/** `files`, `tree` -> `ATLAS_STORE_FILES_TREE`: where a servlet that runs in a cluster finds a store. */
export function storeVariable(servlet: string, store: string): string {
  return `ATLAS_STORE_${words(servlet)}_${words(store)}`
}

/** Names in the form that variables have. A run of capitals is one word: `maxUploadMiB` is `MAX_UPLOAD_MIB`. */
function words(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase()
    .replace(/_(MI|GI|KI)_B$/, '_$1B')
}
