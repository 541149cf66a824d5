import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { nearest } from '@atlas/manifest'
import { benches } from './benches.ts'
import { machineFacts, watchOthers } from './machine.ts'
import { type Run, toJson, toPage, toText } from './report.ts'

const usage = `npm run bench -- NAME [--quick] [--json]

Measures, and writes docs/benchmarks/NAME.md.

  --quick   a smoke test in a minute or two; writes nothing
  --json    { "name", "date", "machine", "rows", "ratios", "figures" } on stdout

${benches.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`).join('\n')}
`

// npm runs the scripts of the root package in its folder.
const root = process.cwd()
process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const asked = read(args)
  if (typeof asked === 'string') {
    process.stderr.write(`${asked}\n\n${usage}`)
    return 2
  }
  const { bench, quick, json } = asked
  await mkdir(join(root, '.atlas/bench'), { recursive: true })
  const scratch = await mkdtemp(join(root, '.atlas/bench', `${bench.name}-`))
  try {
    const date = new Date()
    const facts = machineFacts()
    const others = watchOthers()
    const measured = await bench.run({
      quick,
      scratch,
      progress: (text) => process.stderr.write(`${text}\n`),
    })
    const { versions, flags } = measured
    const cpuOfOthersPercent = others()
    const machine = {
      ...facts,
      ...(cpuOfOthersPercent === undefined ? {} : { cpuOfOthersPercent }),
      versions,
      flags,
    }
    const run: Run = { bench, date, machine, measured }
    if (!quick) await writePage(join(root, 'docs/benchmarks', `${bench.name}.md`), toPage(run))
    process.stdout.write(json ? `${JSON.stringify(toJson(run), undefined, 2)}\n` : toText(run))
    return 0
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return 1
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** What was asked for, or what is wrong with it. */
function read(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
      allowPositionals: true,
    })
    const [name, ...more] = positionals
    if (name === undefined) return 'name a bench'
    if (more.length > 0) return `name one bench, not ${positionals.length}`
    const bench = benches.find((each) => each.name === name)
    if (bench) return { bench, ...values }
    const meant = nearest(
      name,
      benches.map((each) => each.name),
    )
    return `there is no bench '${name}'${meant ? `; did you mean '${meant}'?` : ''}`
  } catch (error) {
    return (error as Error).message
  }
}

async function writePage(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.partial`, text)
  await rename(`${file}.partial`, file)
}
