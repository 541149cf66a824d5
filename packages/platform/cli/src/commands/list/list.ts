import { exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { mustBeOneOf } from '../../suggest.ts'
import { textTable } from '../../text-table.ts'
import { readCatalog } from '../../workspace/read-catalog.ts'

/** Options of `atlas list`. */
export interface ListOptions {
  readonly cwd: string
  readonly owner?: string
  readonly json: boolean
}

/** `atlas list`: the servlets of the workspace, from committed data only. */
export async function list({ cwd, owner, json }: ListOptions, output: Output): Promise<number> {
  const catalog = await readCatalog(cwd)
  if (owner !== undefined) mustBeOneOf('team', owner, Object.keys(catalog.teams))
  const servlets = catalog.servlets
    .filter((servlet) => owner === undefined || servlet.owner === owner)
    .map(({ name, package: pkg, version, owner, routes, mounts, calls, stores }) => ({
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
    }))
  if (json) output.json({ servlets })
  else if (servlets.length === 0)
    output.note(owner === undefined ? 'no servlets; make one with npx atlas new servlet' : 'no servlets')
  else
    for (const line of textTable(
      [
        { heading: 'SERVLET' },
        { heading: 'VERSION' },
        { heading: 'OWNER' },
        { heading: 'ROUTES', align: 'end' },
        { heading: 'CALLS' },
        { heading: 'STORES' },
      ],
      servlets.map(({ name, version, owner, routes, calls, stores }) => [
        name,
        version,
        owner,
        String(routes.length),
        Object.keys(calls).join(', '),
        Object.entries(stores)
          .map(([store, kind]) => `${store} (${kind})`)
          .join(', '),
      ]),
    ))
      output.print(line)
  return exitCode.done
}
