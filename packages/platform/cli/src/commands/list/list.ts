import { catalogOf, readWorkspace } from '@atlas/manifest'
import { exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { findRoot } from '../../workspace/find-root.ts'

/** `atlas list`: the servlets of the workspace, from committed data only. */
export async function list({ cwd, json }: { cwd: string; json: boolean }, output: Output): Promise<number> {
  const { catalog } = catalogOf(await readWorkspace(await findRoot(cwd)))
  const servlets = catalog.servlets.map(
    ({ name, package: pkg, version, owner, routes, mounts, calls, stores }) => ({
      name,
      package: pkg,
      version,
      owner,
      routes: [
        ...routes.map(({ endpoint, route, access }) => ({ endpoint, route, access })),
        ...mounts.map(({ prefix, access }) => ({ mount: prefix, access })),
      ],
      calls,
      stores,
    }),
  )
  if (json) output.json({ servlets })
  else
    for (const { name, version, owner, routes } of servlets) {
      output.print(`${name} ${version} (${owner})`)
      for (const route of routes) {
        const what = 'mount' in route ? `${route.mount}/*` : route.route
        output.print(`    ${route.access.padEnd(8)} ${what}`)
      }
    }
  return exitCode.done
}
