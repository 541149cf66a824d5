import { createRequire } from 'node:module'

/** The version of the platform that is installed: packages of it are released together. */
export const platformVersion = (createRequire(import.meta.url)('../../package.json') as { version: string })
  .version

/** What a company's workspace develops with: versions that were tested together. A test compares them with ours. */
export const versions: Readonly<Record<string, string>> = {
  '@atlas/cli': `^${platformVersion}`,
  '@changesets/cli': '3.0.3',
  '@types/node': '24.19.2',
  node: '24.21.0',
  nx: '23.2.1',
  typescript: '6.0.3',
  vite: '8.3.8',
  vitest: '5.1.1',
}

/** The range of zod that contracts are written with. */
export const zodRange = '^4.6.7'
