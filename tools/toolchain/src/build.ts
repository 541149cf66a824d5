import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, fillOnce, toolFolder } from './cache.ts'
import { find, type Places } from './find.ts'
import { make } from './make.ts'
import type { Found, Tool } from './tool.ts'

/** What happens during a build, for whoever shows it. */
export interface BuildEvents {
  /** A build starts; `minutes` is what it takes on two idle cores. */
  readonly onStart?: (tool: Tool) => void
  /** Something of the tool was done: `done` counts the packages that were compiled. */
  readonly onProgress?: (tool: Tool, done: number) => void
  readonly onEnd?: (tool: Tool, failure: Error | undefined) => void
}

/** How to build. */
export interface BuildOptions extends Places, BuildEvents {
  /** Niceness of the builds, 0 to 19; default 0. */
  readonly nice?: number
  readonly signal?: AbortSignal
}

/**
 * Finds the tools, and builds those that are not there, one after another. One that cannot be built does not keep the others
 * from it.
 *
 * @returns the tools found or built, and for the others the reason
 */
export async function build(
  wanted: readonly Tool[],
  options: BuildOptions = {},
): Promise<{ found: Found[]; failed: { tool: Tool; error: Error }[] }> {
  const cache = options.cache ?? cacheFolder(options.env)
  const found: Found[] = []
  const failed: { tool: Tool; error: Error }[] = []
  for (const tool of wanted) {
    const there = await find(tool, { ...options, cache })
    if (there) {
      found.push(there)
      continue
    }
    options.onStart?.(tool)
    try {
      await buildOne(tool, cache, options)
      const built = await find(tool, { ...options, cache })
      if (!built) throw new Error(`${tool.name} was built and is not in ${toolFolder(tool, cache)}`)
      found.push(built)
      options.onEnd?.(tool, undefined)
    } catch (error) {
      if (options.signal?.aborted) throw error
      failed.push({ tool, error: error as Error })
      options.onEnd?.(tool, error as Error)
    }
  }
  return { found, failed }
}

async function buildOne(tool: Tool, cache: string, options: BuildOptions): Promise<void> {
  const logs = join(cache, 'logs')
  await mkdir(logs, { recursive: true })
  const folder = toolFolder(tool, cache)
  const exists = async () => (await find({ ...tool, installed: 'never' }, { cache })) !== undefined
  const fill = async (temporary: string) => {
    const log = join(logs, `${tool.name}-${tool.version}.log`)
    await rm(log, { force: true })
    let compiled = 0
    await make(tool, temporary, {
      log,
      ...(options.nice === undefined ? {} : { nice: options.nice }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      onLine: (line) => {
        // What `go -v` prints as it compiles is one package a line; downloads start with "go: ".
        if (/^[\w.-]+(\/[\w.~-]+)*$/.test(line)) options.onProgress?.(tool, ++compiled)
      },
    })
  }
  await fillOnce(folder, exists, fill, options.signal)
}
