import { parseArgs } from 'node:util'
import { missingText, survey } from './advice.ts'
import { build } from './build.ts'
import { cacheFolder } from './cache.ts'
import { untested, versionsOf } from './debian.ts'
import { official } from './official.ts'
import { showProgress } from './progress.ts'
import { toolsNamed } from './tools.ts'

const usage = `npm run toolchain -- status [NAME...] [--json]
npm run toolchain -- build [NAME...] [--own] [--nice N]

status  which tools are there, where, and what to do about the others; exits 1 when one is missing
build   builds the tools that are not there, one after another; what is finished stays finished when it is interrupted

  --own      also those that are installed, which are used in other versions than ours otherwise
  --nice N   priority of the builds, 0 (normal) to 19 (lowest)
  --json     { "cache", "tools": [{ "name", "version", "state", "purpose", "binaries", "advice"?, "packages"? }], "official": [{ "name", "where" }] } on stdout
`

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const parsed = read(args)
  if (!parsed) return 2
  const { values, positionals } = parsed
  const [action, ...names] = positionals
  if (action !== 'status' && action !== 'build') {
    return wrong(action === undefined ? 'status or build?' : `${action} is neither status nor build`)
  }
  const nice = Number(values.nice ?? 0)
  if (!Number.isInteger(nice) || nice < 0 || nice > 19) return wrong(`--nice ${values.nice} is not 0 to 19`)
  let wanted: ReturnType<typeof toolsNamed>
  try {
    wanted = toolsNamed(names.length === 0 ? undefined : names)
    if (values.own) wanted = wanted.map((tool) => ({ ...tool, installed: 'never' as const }))
  } catch (error) {
    return wrong((error as Error).message)
  }
  return action === 'status' ? status(wanted, values.json) : buildAll(wanted, nice)
}

async function status(wanted: ReturnType<typeof toolsNamed>, json: boolean): Promise<number> {
  const { found, missing } = await survey(wanted)
  const packages = new Map<string, Record<string, string>>()
  const warnings: string[] = []
  for (const one of found) {
    const versions = await versionsOf(one)
    if (versions !== undefined) packages.set(one.tool.name, versions)
    const warning = await untested(one)
    if (warning !== undefined) warnings.push(warning)
  }
  const rows = wanted.map((tool) => {
    const there = found.find((one) => one.tool === tool)
    const advice = missing.find((one) => one.tool === tool)?.advice
    return {
      name: tool.name,
      version: tool.version,
      state: there?.state ?? ('missing' as const),
      purpose: tool.purpose,
      binaries: there?.binaries ?? {},
      ...(advice === undefined ? {} : { advice }),
      ...(packages.has(tool.name) ? { packages: packages.get(tool.name) } : {}),
    }
  })
  const own = await official()
  if (json) {
    const answer = { cache: cacheFolder(), tools: rows, official: own }
    process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`)
  } else {
    const width = Math.max(...rows.map(({ name }) => name.length))
    for (const row of rows) {
      const where = Object.values(row.binaries)[0] ?? row.purpose
      // An installed tool has its own version, which is not looked at.
      const version = row.state === 'installed' ? '' : row.version
      process.stdout.write(
        `${row.name.padEnd(width)}  ${row.state.padEnd(9)}  ${version.padEnd(8)}  ${where}\n`,
      )
    }
    for (const warning of warnings) process.stdout.write(`\n${warning}\n`)
    if (own.length > 0) {
      process.stdout.write(
        `\nDeployments use what this machine has of its own, and need nothing in its place:\n${own.map(({ name, where }) => `  ${name.padEnd(20)} ${where}\n`).join('')}`,
      )
    }
    if (missing.length > 0) process.stdout.write(`\n${missingText(missing)}\n`)
  }
  return missing.length > 0 ? 1 : 0
}

async function buildAll(wanted: ReturnType<typeof toolsNamed>, nice: number): Promise<number> {
  const { missing } = await survey(wanted)
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.abort(new Error(`ended by ${signal}`)))
  }
  const progress = showProgress(process.stderr, missing.length)
  try {
    const { failed } = await build(wanted, { nice, signal: interrupted.signal, ...progress })
    if (failed.length === 0) {
      process.stderr.write(`${wanted.length} tools are there\n`)
      return 0
    }
    process.stderr.write(
      `${failed.map(({ tool }) => tool.name).join(', ')}: not built. What was built is kept; the same command tries the rest again\n`,
    )
    return 3
  } catch (error) {
    if (!interrupted.signal.aborted) throw error
    process.stderr.write('Interrupted. What was built is kept; the same command goes on\n')
    return 130
  } finally {
    progress.end()
  }
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        nice: { type: 'string' },
        own: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    })
  } catch (error) {
    wrong((error as Error).message)
    return undefined
  }
}

function wrong(message: string): number {
  process.stderr.write(`${message}\n\n${usage}`)
  return 2
}
