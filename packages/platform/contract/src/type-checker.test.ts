import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../../..')
/** A package beside this one, in memory only. */
const fixtures = join(root, 'packages/servlets/fixture/src')
const index = join(import.meta.dirname, 'index.ts')

/** A program over files in memory, as a servlet of this workspace would be type-checked. */
function programOf(files: Readonly<Record<string, string>>, extra: ts.CompilerOptions = {}): ts.Program {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile)
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
  const host = ts.createCompilerHost({ ...options, ...extra })
  const { fileExists, directoryExists, readFile, getSourceFile } = host
  host.getCurrentDirectory = () => root
  host.fileExists = (path) => path in files || fileExists(path)
  host.directoryExists = (path) =>
    Object.keys(files).some((file) => file.startsWith(`${path}/`)) || directoryExists!(path)
  host.readFile = (path) => files[path] ?? readFile(path)
  host.getSourceFile = (path, language, ...rest) =>
    path in files ? ts.createSourceFile(path, files[path]!, language) : getSourceFile(path, language, ...rest)
  return ts.createProgram({ rootNames: Object.keys(files), options: { ...options, ...extra }, host })
}

const text = (diagnostic: ts.Diagnostic) =>
  `TS${diagnostic.code}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`

/** What an engineer may get wrong, and what the type checker has to say about it. */
const wrong: [name: string, code: string, said: string[]][] = [
  [
    'a misspelt field of the route',
    `endpoint({ route: 'GET /greet/{nmae}', input: z.object({ name: z.string() }) })`,
    ['route has {nmae}, input has no field nmae'],
  ],
  [
    'a field of the route without input',
    `endpoint({ route: 'GET /greet/{name}', access: 'public' })`,
    ['route has {name}, input has no field name'],
  ],
  [
    'two fields that the input lacks',
    `endpoint({ route: 'GET /{a}/{b}/{c*}', input: z.object({ a: z.string() }) })`,
    ['route has {b}, input has no field b', 'route has {c}, input has no field c'],
  ],
  [
    'a method that there is not',
    `endpoint({ route: 'FETCH /greet' })`,
    [`route must be a method (GET, POST, PUT, PATCH, DELETE), a space and a path that starts with '/'`],
  ],
  [
    'a path without a slash',
    `endpoint({ route: 'GET greet' })`,
    [`route must be a method (GET, POST, PUT, PATCH, DELETE), a space and a path that starts with '/'`],
  ],
  ['an access that there is not', `endpoint({ route: 'GET /', access: 'pubic' })`, [`"pubic"`, 'Access']],
  ['a code that there is not', `error('not_fuond')`, [`"not_fuond"`, `"not_found"`]],
  [
    'an input that is no object',
    `endpoint({ route: 'POST /', input: z.string() })`,
    ['ZodString', 'ObjectSchema'],
  ],
  [
    'an option that there is not',
    `endpoint({ route: 'POST /', idempotnet: true })`,
    [`'idempotnet' does not exist`],
  ],
]

describe('errors of the type checker', () => {
  let messages: Map<string, string[]>

  beforeAll(() => {
    const imports = `import * as z from 'zod'\nimport { endpoint, error } from '@atlas/contract'\n`
    const paths = wrong.map((_, i) => join(fixtures, `wrong-${i}.ts`))
    const program = programOf(
      Object.fromEntries(wrong.map(([, code], i) => [paths[i]!, `${imports}export const it = ${code}\n`])),
    )
    messages = new Map(
      wrong.map(([name], i) => [
        name,
        program.getSemanticDiagnostics(program.getSourceFile(paths[i]!)).map(text),
      ]),
    )
  }, 60_000)

  it.each(wrong)('say what is wrong with %s, once', (name, _code, said) => {
    const [message, ...more] = messages.get(name)!
    for (const words of said) expect(message).toContain(words)
    expect(more).toEqual([])
  })
})

const contractModule = `
import * as z from 'zod'
import { bytes, contract, endpoint, error, named, page, paging, stream } from '@atlas/contract'

export const Account = z.object({ id: z.uuid(), name: z.string().refine((s) => s !== '', named('some', 1, 'x')) })
export const verify = endpoint({ route: 'POST /verify', output: Account })
export const full = error('resource_exhausted', { quotaBytes: z.int() })
export const gone = error('not_found')
export const paged = page(Account)
export const limits = paging()
export const items = stream(Account)
export const raw = bytes()
export const all = contract('all', {
  verify,
  list: endpoint({ route: 'GET /accounts', input: z.object({ ...limits }), output: paged, access: 'user' }),
  watch: endpoint({ route: 'GET /watch', output: items }),
  upload: endpoint({ route: 'PUT /content/{path*}', input: z.object({ path: z.string() }), body: raw, errors: { full, gone } }),
  download: endpoint({ route: 'GET /content/{path*}', input: z.object({ path: z.string() }), output: raw }),
  old: endpoint({ route: 'GET /old', deprecated: { since: '2026-11-01', sunset: '2027-11-01' }, grpc: false }),
})
`

/** What a servlet's other modules infer from its contract. */
const usesModule = `
import { AtlasError, byteStream, invalidInput, parseRoute, parserOf, bindingOf, unwrap } from '@atlas/contract'
import type { AnswerOf, CallInputOf, EndpointsOf, ErrorOf, ErrorSpecsOf, InputOf, OutputOf } from '@atlas/contract'
import { Account, all } from './contract.ts'

type All = EndpointsOf<typeof all>
export const handle = async (input: InputOf<All['upload']>) => ({ input, sent: byteStream(input.body) })
export const call = (input: CallInputOf<All['list']>) => ({ input, at: null as unknown as OutputOf<All['list']> })
export const fail = (error: ErrorOf<All['upload']>) => error.data
export const answer = () => undefined as AnswerOf<All['watch']> | undefined
export const specs = (null as unknown as ErrorSpecsOf<All['upload']>)
export const thrown = AtlasError.from(0)
export const refused = invalidInput([])
export const parsed = parseRoute('GET /')
export const parse = parserOf(Account)
export const binding = bindingOf(all.endpoints.list)
export const inside = unwrap(Account)
export const endpoints = { ...all.endpoints }
`

describe('declarations', () => {
  /** Emits the declarations of modules outside of this package; diagnostics tell what they could not name. */
  function emit(files: Readonly<Record<string, string>>) {
    const program = programOf(files, {
      declaration: true,
      emitDeclarationOnly: true,
      noEmit: false,
      outDir: '/out',
    })
    const written = new Map<string, string>()
    const own = Object.keys(files).filter((path) => path.startsWith(fixtures))
    const diagnostics = own.flatMap((path) => {
      const file = program.getSourceFile(path)!
      const { diagnostics } = program.emit(file, (name, content) =>
        written.set(name.split('/').at(-1)!, content),
      )
      return [...program.getSemanticDiagnostics(file), ...diagnostics]
    })
    return { diagnostics: diagnostics.map(text), written }
  }
  const modules = {
    [join(fixtures, 'contract.ts')]: contractModule,
    [join(fixtures, 'uses.ts')]: usesModule,
  }

  it('of a contract and of what uses it can be emitted, by names that others can import', () => {
    const { diagnostics, written } = emit(modules)
    expect(diagnostics).toEqual([])
    expect([...written.keys()]).toEqual(['contract.d.ts', 'uses.d.ts'])
    for (const content of written.values()) {
      const sources = [...content.matchAll(/(?:from|import\()\s*["']([^"']+)["']/g)].map(
        ([, source]) => source,
      )
      for (const source of sources)
        expect(source).toMatch(/^(zod(\/v4\/core)?|@atlas\/contract|\.\/contract\.(ts|js))$/)
    }
    expect(written.get('contract.d.ts')).toMatch(/Endpoint<"GET \/accounts"/)
  }, 60_000)

  it.each(['Endpoint', 'Empty', 'ErrorSpec', 'Page', 'Stream'])(
    'could not be emitted if %s were not exported',
    (name) => {
      const source = readFileSync(index, 'utf8')
      const without = source.replace(new RegExp(`(?<=[{,]\\s*)(type )?\\b${name}\\b,?`), '')
      expect(without).not.toBe(source)
      const { diagnostics } = emit({ ...modules, [index]: without })
      expect(diagnostics.join('\n')).toMatch(new RegExp(`TS(2883|2742|4023|4058): .*'${name}'`))
    },
    60_000,
  )
})
