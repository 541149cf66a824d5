import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { pack } from './pack.ts'

const usage = `npm run pack -- [--out DIR] [--json] [PACKAGE...]

Packs packages into tarballs, as the registry would have them: every package of packages/platform when none is named. A
servlet's tarball is for its callers and offers its contract.

  --out DIR   where tarballs go (.atlas/tarballs)
  --json      { "tarballs": [{ "name", "version", "path", "files" }] } on stdout
`

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const parsed = read(args)
  if (!parsed) return 2
  const { values, positionals } = parsed
  // npm runs scripts in the folder of the root package, whatever folder it was called from.
  const root = process.cwd()
  const from = process.env.INIT_CWD ?? root
  try {
    const tarballs = await pack({
      root,
      out: values.out === undefined ? join(root, '.atlas/tarballs') : resolve(from, values.out),
      packages: positionals,
      onPackage: (name) => process.stderr.write(`packing ${name}\n`),
    })
    if (values.json) process.stdout.write(`${JSON.stringify({ tarballs }, undefined, 2)}\n`)
    else for (const { path } of tarballs) process.stdout.write(`${relative(from, path)}\n`)
    return 0
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return 1
  }
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      options: { out: { type: 'string' }, json: { type: 'boolean', default: false } },
      allowPositionals: true,
    })
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`)
    return undefined
  }
}
