import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The texts of all TypeScript files in a folder that are its own. */
export async function sourcesOf(folder: string): Promise<string[]> {
  const files = (await readdir(folder, { recursive: true })).filter(
    (file) => file.endsWith('.ts') && !file.includes('node_modules'),
  )
  return Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
}
