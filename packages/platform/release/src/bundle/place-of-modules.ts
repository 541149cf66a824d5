import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import type { Plugin } from 'esbuild'

const names = /\bimport\.meta\.(url|dirname|filename)\b/g

/**
 * In a bundle all modules are one file. This lets each still find what lies beside it, at the place that it has in the
 * workspace, below the folder of the bundle.
 *
 * @param found hears of each module that asks where it is
 */
export function placeOfModules(root: string, found: (file: string) => void): Plugin {
  return {
    name: 'place-of-modules',
    setup(build) {
      build.onLoad({ filter: /\.[cm]?[jt]s$/ }, async ({ path, namespace }) => {
        if (namespace !== 'file' || /[\\/]node_modules[\\/]/.test(path)) return undefined
        const text = await readFile(path, 'utf8')
        if (text.search(names) === -1) return undefined
        const file = relative(root, path).replaceAll('\\', '/')
        found(file)
        return {
          contents: text.replace(names, (_, what) => `__atlasAt(${JSON.stringify(file)}).${what}`),
          loader: /ts$/.test(path) ? 'ts' : 'js',
        }
      })
    },
  }
}

/** What the bundle begins with. `require` is for packages of before ES modules. */
export const beginning = `import { createRequire as __atlasRequire } from 'node:module'
import { fileURLToPath as __atlasPath } from 'node:url'
const require = __atlasRequire(import.meta.url)
const __atlasAt = (file) => ({
  get url() { return new URL(file, import.meta.url).href },
  get filename() { return __atlasPath(new URL(file, import.meta.url)) },
  get dirname() { return __atlasPath(new URL('.', new URL(file, import.meta.url))).slice(0, -1) },
})
`
