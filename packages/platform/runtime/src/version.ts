import { createRequire } from 'node:module'

/** The version of the runtime; `unknown` where it was bundled into something else. */
export const runtimeVersion = versionOf()

function versionOf(): string {
  try {
    const about = createRequire(import.meta.url)('../package.json') as { name: string; version: string }
    return about.name === '@atlas/runtime' ? about.version : 'unknown'
  } catch {
    return 'unknown'
  }
}
