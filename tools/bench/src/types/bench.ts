import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { pack } from '@atlas/tools-pack'
import type { Bench, BenchOptions, Measured } from '../bench.ts'
import { type Case, interleave, series } from '../rounds.ts'
import { median, ratioOfMedians } from '../statistics.ts'
import { endpointsOfResource, type Flavour, generate, type Size } from './generate.ts'
import { mistakes } from './mistakes.ts'
import { type TypeCheck, typeCheck } from './type-check.ts'

/** What is measured, and of which text: as an adopter has the platform, installed, and as this repository has it, in source. */
const cases = {
  atlas: 'atlas',
  'atlas from source': 'atlas',
  'plain handlers': 'plain handlers',
  'zod alone': 'zod alone',
} as const satisfies Record<string, Flavour>
type CaseName = keyof typeof cases

/** What a servlet imports of the platform, and what that imports. */
const platform = ['sdk', 'contract', 'client', 'manifest', 'postgres'].map((name) => `@atlas/${name}`)

/** What the types of contracts and handlers cost a type-checker. */
export const types: Bench = {
  name: 'types',
  summary: 'Type-checks a product of contracts and handlers, and the same zod schemas alone.',
  run,
}

async function run({ quick, scratch, progress }: BenchOptions): Promise<Measured> {
  const size: Size = quick ? { servlets: 10, resources: 2 } : { servlets: 50, resources: 4 }
  const rounds = quick ? 1 : 5
  const endpoints = size.servlets * size.resources * endpointsOfResource

  progress('packing the platform')
  const installed = join(scratch, 'installed')
  await installPlatform(installed, scratch)

  progress('checking that mistakes are refused')
  await typeCheck(
    await write(
      installed,
      'mistakes',
      new Map([...generate({ servlets: 2, resources: 1 }, 'atlas'), ...mistakes]),
    ),
  )

  const measured: Case<TypeCheck>[] = []
  for (const [name, flavour] of Object.entries(cases)) {
    const project = await write(name === 'atlas' ? installed : scratch, name, generate(size, flavour))
    measured.push({ name, measure: () => typeCheck(project) })
  }
  const samples = await interleave(measured, rounds, progress)
  const of = (name: CaseName, number: (check: TypeCheck) => number): number[] => series(samples, name, number)
  const against = (name: CaseName, number: (check: TypeCheck) => number) =>
    ratioOfMedians(of('atlas', number), of(name, number))

  return {
    rows: samples.map(({ case: name, round, measured }) => ({ case: name, round, ...measured })),
    ratios: {
      'zod alone': ratioOfMedians(of('zod alone', checkSeconds), of('atlas', checkSeconds)),
      'plain handlers': ratioOfMedians(of('plain handlers', checkSeconds), of('atlas', checkSeconds)),
    },
    figures: {
      timesZodAlone: against('zod alone', checkSeconds),
      timesZodAloneFromSource: ratioOfMedians(
        of('atlas from source', checkSeconds),
        of('zod alone', checkSeconds),
      ),
      timesZodAloneInTotal: against('zod alone', (check) => check.totalSeconds),
      timesPlainHandlers: against('plain handlers', checkSeconds),
      checkMsPerEndpoint: (median(of('atlas', checkSeconds)) * 1000) / endpoints,
      instantiationsPerEndpoint: median(of('atlas', (check) => check.instantiations)) / endpoints,
      memoryMiB: median(of('atlas', (check) => check.memoryMiB)),
    },
    bars: [{ figure: 'timesZodAlone', atMost: 5 }],
    flags: { endpoints, servlets: size.servlets, rounds, command: 'tsc -p . --extendedDiagnostics' },
    versions: await versions(),
    method: `
One program of ${endpoints} endpoints in ${size.servlets} servlets is generated for each case, from the same text of schemas and handler bodies:

- **atlas**: contracts and servlets. Inputs have 3 to 6 fields, outputs are nested, most endpoints have typed errors, every
  servlet reads its manifest and calls the one before it. The platform is packed and installed, so it is declarations, as zod is.
- **atlas from source**: the same text, with the platform as this repository has it: the compiler checks its source as well.
- **plain handlers**: the schemas, and functions whose parameters and results are typed by \`z.output\` and \`z.input\`. The bodies
  are those of the servlets: the least that typed handlers can cost.
- **zod alone**: the schemas only.

Every round runs the compiler once on each, as its own process. \`timesZodAlone\` compares *check time*; \`timesZodAloneInTotal\` is the
whole of \`tsc\`, in which reading and binding files weigh on both sides. Beforehand a program with mistakes in handlers is checked: each has to be refused, so nothing
is fast because it is \`any\`.
`,
  }
}

function checkSeconds(check: TypeCheck): number {
  return check.checkSeconds
}

/** Packs the packages that a servlet imports, and what they need, and unpacks them below `folder` as npm would. */
async function installPlatform(folder: string, scratch: string): Promise<void> {
  const root = join(import.meta.dirname, '../../../..')
  const tarballs = await pack({ root, out: join(scratch, 'tarballs'), packages: platform })
  for (const { name, path } of tarballs) {
    const target = join(folder, 'node_modules', name)
    await mkdir(target, { recursive: true })
    await promisify(execFile)('tar', ['-xzf', path, '-C', target, '--strip-components=1'])
  }
}

/** Writes a project and returns its tsconfig.json. */
async function write(scratch: string, name: string, files: ReadonlyMap<string, string>): Promise<string> {
  const folder = join(scratch, name.replaceAll(' ', '-'))
  const project = join(folder, 'tsconfig.json')
  const base = relative(folder, join(import.meta.dirname, '../../../../tsconfig.base.json'))
  const config = JSON.stringify({ extends: base, include: ['*/src'] })
  for (const [path, text] of [...files, ['tsconfig.json', config] as const]) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return project
}

async function versions(): Promise<Record<string, string>> {
  const version = async (name: string): Promise<string> => {
    const file = new URL(import.meta.resolve(`${name}/package.json`))
    return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version
  }
  return { node: process.versions.node, typescript: await version('typescript'), zod: await version('zod') }
}
