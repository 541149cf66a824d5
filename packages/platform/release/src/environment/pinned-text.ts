import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The file of an environment with a servlet pinned to a version: its path, relative to the root, and its text. */
export async function pinnedText(
  root: string,
  environment: string,
  { servlet, version }: { readonly servlet: string; readonly version: string },
): Promise<Record<string, string>> {
  const file = `infra/environments/${environment}.json`
  const written = JSON.parse(await readFile(join(root, file), 'utf8')) as { pins?: Record<string, string> }
  const pinned = { ...written, pins: { ...written.pins, [servlet]: version } }
  return { [file]: `${JSON.stringify(pinned, undefined, 2)}\n` }
}
