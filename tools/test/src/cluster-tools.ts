import { whyNoCluster } from '@atlas/tools-cluster'
import { build, duration, showProgress, survey, type Tool, toolsNamed } from '@atlas/tools-toolchain'

/** What became of the tools of a cluster: they are there, or why there is no cluster, or why that is a failure. */
export type Tools =
  | { readonly state: 'there' }
  | { readonly state: 'skip'; readonly why: string }
  | { readonly state: 'failed'; readonly why: string }

/** How to bring the tools. */
export interface ToolsOptions {
  readonly root: string
  readonly full: boolean
  /** Minutes from now after which there will be no cluster. */
  readonly budgetMinutes: number
  /** Niceness of the builds, 0 to 19. */
  readonly nice: number
  /** Ends the builds. */
  readonly interrupted: AbortSignal
}

/** The tools that suites need: those for the scale tests only when these run. */
export function neededTools(full: boolean): readonly Tool[] {
  return toolsNamed().filter((tool) => full || !tool.rare)
}

/** Looks whether this machine can have a cluster, and builds the tools that are missing, for so long as they are given. */
export async function bringTools(options: ToolsOptions): Promise<Tools> {
  const cannot = await whyNoCluster(options.root)
  if (cannot !== undefined) return { state: 'skip', why: cannot }
  const wanted = neededTools(options.full)
  const { missing } = await survey(wanted)
  if (missing.length === 0) return { state: 'there' }
  const startedMs = performance.now()
  const late = AbortSignal.timeout(options.budgetMinutes * 60_000)
  const progress = showProgress(process.stderr, missing.length)
  try {
    const { failed } = await build(wanted, {
      nice: options.nice,
      signal: AbortSignal.any([late, options.interrupted]),
      ...progress,
    })
    if (failed.length > 0) return judge(failed)
    process.stderr.write(
      `The tools of a cluster were built in ${duration((performance.now() - startedMs) / 1000)}\n`,
    )
    return { state: 'there' }
  } catch (error) {
    if (options.interrupted.aborted) return { state: 'skip', why: 'the run was interrupted' }
    if (!late.aborted) throw error
    const names = (await survey(wanted)).missing.map(({ tool }) => tool.name)
    return {
      state: 'skip',
      why: `its tools were not built within ${Math.round(options.budgetMinutes)} minutes (${names.join(', ')} are missing). What was built is kept: the next run goes on, or "npm run toolchain -- build" does`,
    }
  } finally {
    progress.end()
  }
}

/** Without a compiler or a registry there is no cluster; a tool that does not compile is a mistake of ours. */
function judge(failed: readonly { tool: Tool; error: Error }[]): Tools {
  const mistakes = failed.filter(({ error }) => !isOfTheMachine(error.message))
  const shown = mistakes.length > 0 ? mistakes : failed
  const why = `${shown.map(({ tool }) => tool.name).join(', ')} could not be built: ${shown[0]!.error.message.split('\n').at(-1)!.trim()}`
  return { state: mistakes.length > 0 ? 'failed' : 'skip', why }
}

/** Whether a tool could not be built because of the machine or its network, and not because of its recipe. */
export function isOfTheMachine(message: string): boolean {
  return (
    /^(install|this is no Debian)\b/.test(message) ||
    /dial tcp|lookup .* (on|:)|no such host|network is unreachable|connection (refused|reset)|i\/o timeout|TLS handshake timeout|Temporary failure|Could not resolve|Failed to establish a new connection|No matching distribution|Failed to fetch|GOPROXY=off|no space left|\b(403|502|503|504)\b/i.test(
      message,
    )
  )
}
