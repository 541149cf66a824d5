import { randomUUID } from 'node:crypto'
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Secrets by servlet, then by name. */
export type Secrets = Readonly<Record<string, Readonly<Record<string, string>>>>

/** The file of an environment's secrets on this machine: in no repository, and for its owner's eyes only. */
export function secretsFile(root: string, environment: string): string {
  return join(root, '.atlas', environment, 'secrets.json')
}

/**
 * The secrets in a file; none where there is no file.
 *
 * @throws Error when it cannot be read as such; its message does not show what is in it
 */
export async function readSecrets(file: string): Promise<Secrets> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return {}
    throw new Error(`${file} cannot be read (${code}); make it readable for you alone`)
  }
  const value = parsed(text)
  if (!isSecrets(value))
    throw new Error(`${file} is damaged; remove it and set its secrets again: npx atlas secret set NAME`)
  return value
}

/**
 * Changes the secrets in a file: whoever is killed leaves the old file or the new one, and of two that change it at once
 * none loses what the other wrote.
 */
export async function changeSecrets(file: string, change: (secrets: Secrets) => Secrets): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await alone(`${file}.lock`, async () => {
    const secrets = change(await readSecrets(file))
    const temporary = `${file}.${randomUUID()}`
    try {
      const written = await open(temporary, 'wx', 0o600)
      try {
        await written.writeFile(`${JSON.stringify(secrets, undefined, 2)}\n`)
        await written.sync()
      } finally {
        await written.close()
      }
      await chmod(temporary, 0o600)
      await rename(temporary, file)
    } finally {
      await rm(temporary, { force: true })
    }
  })
}

/** The age at which a lock counts as left by a process that was killed: a change takes milliseconds. */
const staleMs = 5_000

async function alone(lock: string, run: () => Promise<void>): Promise<void> {
  for (;;)
    try {
      await (await open(lock, 'wx', 0o600)).close()
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const made = await stat(lock).catch(() => undefined)
      if (made && Date.now() - made.mtimeMs > staleMs) await rm(lock, { force: true })
      else await sleep(20)
    }
  try {
    await run()
  } finally {
    await rm(lock, { force: true })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The error of the parser shows a piece of the text.
    return undefined
  }
}

function isSecrets(value: unknown): value is Secrets {
  return (
    isRecord(value) &&
    Object.values(value).every(
      (servlet) => isRecord(servlet) && Object.values(servlet).every((secret) => typeof secret === 'string'),
    )
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
