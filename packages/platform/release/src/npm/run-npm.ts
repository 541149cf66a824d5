import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/**
 * Runs npm, the one that runs us if one does.
 *
 * @throws Error with `stderr` when it fails
 */
export async function runNpm(args: readonly string[], cwd: string, signal?: AbortSignal): Promise<void> {
  const env = Object.fromEntries(
    // What an npm that runs us says about its own package is not about this one.
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(package|lifecycle|config_local_prefix|command)/.test(name),
    ),
  )
  const script = process.env.npm_execpath
  const [command, first] = script?.endsWith('.js') ? [process.execPath, [script]] : ['npm', []]
  await promisify(execFile)(command, [...first, ...args], {
    cwd,
    env,
    maxBuffer: 2 ** 26,
    ...(signal && { signal }),
  })
}
