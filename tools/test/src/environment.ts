import { delimiter, join } from 'node:path'

/** The environment of what is run: without nx's own variables, which a run inside another nx task would inherit and obey. */
export function environment(root: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('NX_'))
  return {
    ...Object.fromEntries(inherited),
    NX_TUI: 'false',
    NX_NO_CLOUD: 'true',
    PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter),
  }
}
