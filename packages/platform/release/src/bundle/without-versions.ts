import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Plugin } from 'esbuild'

/**
 * Keeps versions of the workspace's packages out of bundles: a version that is cut must not be a change that another has to be
 * cut for. A servlet that imports its own package.json finds the version in the environment of its process.
 */
export function withoutVersions(root: string, dir: string): Plugin {
  return {
    name: 'without-versions',
    setup(build) {
      build.onLoad({ filter: /[\\/]package\.json$/ }, async ({ path, namespace }) => {
        const file = relative(root, path).replaceAll('\\', '/')
        if (namespace !== 'file' || /(^|\/)node_modules\//.test(file)) return undefined
        const { version: _, ...json } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
        if (path !== join(root, dir, 'package.json'))
          return { contents: JSON.stringify({ ...json, version: '0.0.0' }), loader: 'json' }
        const text = JSON.stringify({ ...json, version: '' })
        return {
          contents: `export default { ...${text}, version: process.env.ATLAS_VERSION ?? '0.0.0' }`,
          loader: 'js',
        }
      })
    },
  }
}
