import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createClient, httpTransport } from '@atlas/client'
import { AtlasError } from '@atlas/contract'
import type { CatalogServlet } from '@atlas/manifest'
import type { Seed, SeedEnv } from '@atlas/sdk'
import { CommandError, exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { findPlatform } from '../../platform/find-platform.ts'
import type { PlatformOptions } from '../../platform/options.ts'
import { unreachable } from '../../platform/unreachable.ts'
import { mustBeOneOf } from '../../suggest.ts'
import { readCatalog } from '../../workspace/read-catalog.ts'

/** Options of `atlas seed`. */
export interface SeedOptions extends PlatformOptions {
  readonly cwd: string
  readonly servlets: readonly string[]
  readonly json: boolean
}

/**
 * `atlas seed`: runs the seeds of servlets against the running platform, those that are called before those that call
 * them. Stops at the first that fails.
 */
export async function seed(options: SeedOptions, output: Output): Promise<number> {
  const { servlets: named, json } = options
  const { root, servlets } = await readCatalog(options.cwd)
  for (const name of named)
    mustBeOneOf(
      'servlet',
      name,
      servlets.map((servlet) => servlet.name),
    )
  const url = await findPlatform(root, options)
  const seeded: string[] = []
  const say = json ? output.note : output.print
  for (const servlet of calleesFirst(servlets)) {
    if (named.length > 0 && !named.includes(servlet.name)) continue
    const file = `${servlet.dir}/src/seed.ts`
    if (!(await isFile(join(root, file)))) {
      if (named.includes(servlet.name))
        throw new CommandError(
          `${servlet.name} has no seed; write ${file}: export default (async ({ clientOf, log }) => { ... }) satisfies Seed`,
        )
      continue
    }
    await runSeed(await load(root, file), servlet.name, { url, file, say })
    seeded.push(servlet.name)
  }
  if (json) output.json({ ok: true, url, seeded })
  else
    output.note(seeded.length === 0 ? 'no servlet has a seed (src/seed.ts)' : `seeded ${seeded.join(', ')}`)
  return exitCode.done
}

async function runSeed(
  run: Seed,
  servlet: string,
  { url, file, say }: { url: string; file: string; say: (line: string) => void },
): Promise<void> {
  const env: SeedEnv = {
    clientOf: (contract, { token } = {}) =>
      createClient(
        contract,
        httpTransport({
          baseUrl: url,
          headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        }),
      ),
    log: (message) => say(`${servlet}: ${message}`),
  }
  try {
    await run(env)
  } catch (error) {
    if (error instanceof AtlasError && error.code === 'unavailable' && error.cause !== undefined)
      throw unreachable(url, error.cause)
    const reason = error instanceof AtlasError ? `${error.code}: ${error.message}` : reasonOf(error)
    throw new CommandError(`the seed of ${servlet} failed: ${reason} (${file}); it can be run again`)
  }
}

async function load(root: string, file: string): Promise<Seed> {
  let module: { default?: unknown }
  try {
    module = (await import(pathToFileURL(join(root, file)).href)) as { default?: unknown }
  } catch (error) {
    throw new CommandError(`${file} cannot be loaded: ${reasonOf(error)}`)
  }
  if (typeof module.default === 'function') return module.default as Seed
  throw new CommandError(
    `${file} has no seed as its default export; write: export default (async ({ clientOf, log }) => { ... }) satisfies Seed`,
  )
}

/** Servlets after those that they call; by name otherwise. Cycles, which atlas check refuses, are cut somewhere. */
function calleesFirst(servlets: readonly CatalogServlet[]): CatalogServlet[] {
  const ordered = new Set<CatalogServlet>()
  const begun = new Set<string>()
  const visit = (servlet: CatalogServlet) => {
    if (begun.has(servlet.name)) return
    begun.add(servlet.name)
    for (const callee of Object.keys(servlet.calls)) {
      const found = servlets.find(({ name }) => name === callee)
      if (found) visit(found)
    }
    ordered.add(servlet)
  }
  for (const servlet of servlets) visit(servlet)
  return [...ordered]
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isFile(),
    () => false,
  )
}
