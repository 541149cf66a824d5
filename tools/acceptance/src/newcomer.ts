import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** The root of this workspace. */
export const root = join(import.meta.dirname, '../../..')

/** Somebody who was never here: an empty home, a folder to work in, and nothing of this workspace in the environment. */
export interface Newcomer extends AsyncDisposable {
  /** An empty folder outside of this workspace. */
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Makes a newcomer; disposing of it removes its folders. */
export async function newcomer(): Promise<Newcomer> {
  const base = await mkdtemp(join(tmpdir(), 'atlas-newcomer-'))
  const folder = join(base, 'work')
  const home = join(base, 'home')
  await Promise.all([mkdir(folder), mkdir(home)])
  return {
    folder,
    env: environment(home),
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** What belongs to the run of this test: npm's, nx's and vitest's own variables, and colours. */
const ours =
  /^(npm_|NPM_|NX_|VITEST|VITE_|INIT_CWD$|NODE_|TEST$|MODE$|PROD$|DEV$|SSR$|BASE_URL$|PORT$|FORCE_COLOR$|XDG_)/

function environment(home: string): Newcomer['env'] {
  const { npm_config_userconfig, npm_config_cache, PATH = '' } = process.env
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name))),
    PATH: PATH.split(delimiter)
      .filter((folder) => !/node_modules/.test(folder))
      .join(delimiter),
    HOME: home,
    // Where this machine gets packages from, and those it has: the same bytes, without asking for each of them again.
    npm_config_userconfig: npm_config_userconfig ?? join(homedir(), '.npmrc'),
    npm_config_cache: npm_config_cache ?? join(homedir(), '.npm'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  }
}
