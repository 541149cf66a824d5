import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type InterfaceDocument, interfaceOf, parseInterfaceDocument } from '@atlas/interface'
import { loadServlet } from '@atlas/local'
import { errorFinding, type Finding, type WorkspacePackage } from '@atlas/manifest'
import type { Servlet } from '@atlas/sdk'
import { type Callable, usedEndpoints } from './used-endpoints.ts'

/** The interface document of a servlet as its code is now, or why it cannot be made. */
export type LiveDocument =
  | { readonly ok: true; readonly document: InterfaceDocument }
  | { readonly ok: false; readonly finding: Finding }

/** Makes the interface document of a servlet from its code. Numbers of the committed one keep their meaning. */
export async function liveDocument(root: string, pkg: WorkspacePackage): Promise<LiveDocument> {
  const file = `${pkg.dir}/interface.json`
  const loaded = await loadServlet(root, pkg.dir)
  if (!loaded.ok) return loaded
  const committed = pkg.texts['interface.json']
  const previous = committed === undefined ? undefined : parseInterfaceDocument(committed)
  if (previous && !previous.ok) {
    const [problem] = previous.problems
    return {
      ok: false,
      finding: errorFinding({
        rule: 'servlet/interface-invalid',
        file,
        path: problem?.path ?? '',
        message: `is not an interface document: ${problem?.message}`,
        // It holds the protobuf numbers that clients in the field use, so it is never just made anew.
        remedy: `take the last committed one back (git checkout -- ${file}), then run npx atlas interface`,
      }),
    }
  }
  try {
    const { contract, definition } = loaded.servlet
    const document = interfaceOf(contract, {
      mounts: mountsOf(loaded.servlet),
      calls: namedByServlet(
        definition.calls,
        usedEndpoints(await sourcesOf(root, pkg.dir), callableOf(definition.calls)),
      ),
      ...(previous && { previous: previous.value }),
    })
    return { ok: true, document }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return {
      ok: false,
      finding: errorFinding({
        rule: 'interface/impossible',
        file: `${pkg.dir}/src/contract.ts`,
        path: '',
        message,
        remedy: 'correct the contract',
      }),
    }
  }
}

type Calls = Servlet['definition']['calls']

function callableOf(calls: Calls): Callable {
  return Object.fromEntries(
    Object.entries(calls).map(([name, { endpoints }]) => [name, Object.keys(endpoints)]),
  )
}

/** `calls: { id: identity }` counts as a call of `identity`. */
function namedByServlet(calls: Calls, used: Readonly<Record<string, string[]>>): Record<string, string[]> {
  const named: Record<string, string[]> = {}
  for (const [name, contract] of Object.entries(calls))
    named[contract.name] = [...(named[contract.name] ?? []), ...(used[name] ?? [])]
  return named
}

function mountsOf({ definition }: Servlet) {
  return Object.fromEntries(
    Object.entries(definition.mount).map(([prefix, { access, openapi }]) => [
      prefix,
      openapi === undefined ? { access } : { access, openapi },
    ]),
  )
}

async function sourcesOf(root: string, dir: string): Promise<string[]> {
  const texts: string[] = []
  for await (const file of glob('src/**/*.ts', { cwd: join(root, dir) }))
    if (!/\.test(-d)?\.ts$/.test(file)) texts.push(await readFile(join(root, dir, file), 'utf8'))
  return texts
}
