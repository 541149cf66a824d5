import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** The core that servers run on, and the one for those who ask. */
export const serverCore = 0
export const clientCore = 1

/** Where a program is. @throws Error with how to get it */
export async function findCommand(name: string, remedy: string): Promise<string> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, name)
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (folder !== '' && found) return file
  }
  throw new Error(`${name} is not on the PATH; ${remedy}`)
}

/** Runs a program on the client's core. @throws Error with what it wrote when it fails */
export function runPinned(
  command: string,
  args: readonly string[],
  options: { readonly timeoutMs: number; readonly env?: Readonly<Record<string, string>> },
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      'taskset',
      ['-c', String(clientCore), command, ...args],
      {
        timeout: options.timeoutMs,
        maxBuffer: 512 * 2 ** 20,
        env: { ...process.env, ...options.env },
      },
      (error, stdout, stderr) => {
        if (error) reject(new Error(`${command} failed: ${error.message}\n${stdout}${stderr}`.slice(0, 2000)))
        else resolve(stdout)
      },
    )
  })
}
