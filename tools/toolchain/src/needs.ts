import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Recipe } from './tool.ts'

const run = promisify(execFile)

/** The oldest minor version of Go 1 that the recipes compile with. */
const goMinor = 26

/** What this machine lacks for a recipe, and what to do; undefined when it has everything. */
export async function lack(recipe: Recipe): Promise<string | undefined> {
  switch (recipe.kind) {
    case 'go-install':
    case 'go-module': {
      const version = await output('go', ['env', 'GOVERSION'])
      const minor = Number(/^go1\.(\d+)/.exec(version ?? '')?.[1])
      if (minor >= goMinor) return undefined
      return `install Go 1.${goMinor} or newer (https://go.dev/dl) and put it on PATH; ${version === undefined ? 'there is none' : `this is ${version}`}`
    }
    case 'debian':
      if ((await output('dpkg-deb', ['--version'])) !== undefined) return undefined
      return `this is no Debian: install ${recipe.packages.join(', ')} (or what has their files) by the package manager of this machine`
    case 'wheel':
      if ((await output('python3', ['-m', 'pip', '--version'])) !== undefined) return undefined
      return 'install python3 with pip'
  }
}

async function output(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await run(program, args)).stdout.trim()
  } catch {
    return undefined
  }
}
