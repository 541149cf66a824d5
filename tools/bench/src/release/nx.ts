import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The version that the workspace has too; `nx release` needs @nx/js beside it, which nothing else here does. */
export const nxVersion = '23.2.1'

const packages = ['nx', '@nx/js']

/** Installs nx with what its releases need, once, and resolves to the folder. */
export async function installNx(repo: string): Promise<string> {
  const folder = join(repo, '.atlas/tools', `nx-release-${nxVersion}`)
  if (existsSync(folder)) return folder
  const making = `${folder}.${process.pid}`
  await mkdir(making, { recursive: true })
  try {
    const dependencies = Object.fromEntries(packages.map((name) => [name, nxVersion]))
    await writeFile(join(making, 'package.json'), JSON.stringify({ private: true, dependencies }))
    await promisify(execFile)('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: making,
      maxBuffer: 1 << 24,
    })
    await rename(making, folder)
  } finally {
    await rm(making, { recursive: true, force: true })
  }
  return folder
}

/** Makes nx the one of a workspace, as if it were installed there; resolves to its program. */
export async function linkNx(root: string, folder: string): Promise<string> {
  await mkdir(join(root, 'node_modules/@nx'), { recursive: true })
  for (const name of packages)
    await symlink(join(folder, 'node_modules', name), join(root, 'node_modules', name))
  return join(root, 'node_modules/nx/dist/bin/nx.js')
}
