import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Found } from './tool.ts'

const file = 'debian-packages.json'

/** Keeps which packages, of which versions, a tool was made of: they are asked for by name. */
export async function writeVersions(
  folder: string,
  versions: Readonly<Record<string, string>>,
): Promise<void> {
  await writeFile(join(folder, file), JSON.stringify(versions, undefined, 2))
}

/** The versions of the packages that a tool in the cache was made of, by their names; undefined when it was made of none. */
export async function versionsOf({ folder }: Found): Promise<Record<string, string> | undefined> {
  if (folder === undefined) return undefined
  const text = await readFile(join(folder, file), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Record<string, string>)
}

/** The version of the project in that of a package: `1:1.6.20~ds1-1+deb12u1` has 1.6.20 of it. */
export function upstreamOf(version: string): string {
  return /^(?:\d+:)?([\d.]+\d)/.exec(version)?.[1] ?? version
}

/** That a tool was made of another version than the one that was tested, in a sentence; undefined when it was not. */
export async function untested(found: Found): Promise<string | undefined> {
  const { tool } = found
  const version = (await versionsOf(found))?.[tool.name]
  if (version === undefined || upstreamOf(version) === tool.version) return undefined
  return `${tool.name} was made of the Debian package ${tool.name} ${version}, which is what this release has; ${tool.version} is what was tested`
}
