import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import ts from 'typescript'
import { packedOptions } from './compiler-options.ts'
import { PackageError } from './package-error.ts'
import { entriesOf, packedManifest } from './packed-manifest.ts'
import { reach } from './reach.ts'
import { rewriteDeclaration, rewriteScript } from './specifiers.ts'
import { type PackageJson, readWorkspace, type WorkspacePackage } from './workspace.ts'

/** The package that callers of a servlet install. */
export interface ContractPackage {
  readonly name: string
  readonly version: string
  readonly json: PackageJson
  /** What is in it, by path in the package. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly tarball: Uint8Array
  /** As npm writes it: `sha512-...`. */
  readonly integrity: string
}

/** Files beside the code that callers want, where they are there. */
const beside = ['interface.json', 'README.md', 'CHANGELOG.md']

/**
 * Makes the package of a servlet's contract: what `./contract` reaches, compiled, with types; the interface document; the
 * changelog. It depends on what that code imports, and so on nothing that the implementation needs. Libraries of the workspace
 * that a contract imports are in the package, because nobody publishes them.
 *
 * @param version the version that it gets. @default the one in package.json
 * @throws PackageError when it does not compile, or imports what it does not declare
 */
export async function contractPackage(root: string, dir: string, version?: string): Promise<ContractPackage> {
  const at = await realpath(root)
  const workspace = await readWorkspace(at)
  const found = [...workspace.values()].find(({ folder }) => folder === dir)
  if (found === undefined)
    throw new PackageError(`${dir} is no package of this workspace; name the folder of a servlet`)
  const servlet = { ...found, json: { ...found.json, ...(version !== undefined && { version }) } }
  const versions = new Map([...workspace].map(([name, { json }]) => [name, json.version ?? '']))
  const { outputs, libraries } = compile(at, servlet, workspace)

  const files = new Map<string, Uint8Array>()
  const dependencies = new Map<string, string>()
  const make = (each: WorkspacePackage, prefix: string, extra: readonly string[]): PackageJson => {
    const texts = new Map<string, string>()
    for (const [path, text] of outputs)
      if (path.startsWith(`${each.folder}/src/`))
        texts.set(path.slice(each.folder.length + 1).replace(/^src\//, 'dist/'), text)
    const reached = reach(texts, entriesOf(packedManifest(each.json, { versions })))
    const [missing] = reached.missing
    if (missing)
      throw new PackageError(
        `${each.json.name}: ${missing.from} names ${missing.file}, which is not there; correct its exports`,
      )
    const declared = { ...each.json.dependencies, ...each.json.peerDependencies }
    for (const [name, file] of reached.packages) {
      if (name === each.json.name) continue
      if (!(name in declared))
        throw new PackageError(
          `${each.folder}: ${file} imports ${name}, which its dependencies do not name; add it`,
        )
    }
    const json = packedManifest(each.json, {
      versions,
      files: extra,
      keepDependencies: new Set(reached.packages.keys()),
    })
    for (const [name, range] of Object.entries(json.dependencies ?? {}))
      if (!libraries.has(name)) dependencies.set(name, range)
    for (const path of reached.files) files.set(`${prefix}${path}`, Buffer.from(texts.get(path)!))
    return json
  }
  const there = beside.filter((file) => existsSync(join(at, dir, file)))
  const json = make(servlet, '', there)
  for (const library of libraries.values()) {
    const prefix = `node_modules/${library.json.name}/`
    const packed = make(library, prefix, [])
    files.set(`${prefix}package.json`, text(packed))
  }
  const bundled = [...libraries.keys()].sort()
  const whole: PackageJson = {
    ...json,
    dependencies: Object.fromEntries(
      [
        ...dependencies,
        ...bundled.map((name) => [name, libraries.get(name)!.json.version ?? '0.0.0'] as const),
      ].sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    ...(bundled.length > 0 && { bundleDependencies: bundled }),
  }
  for (const file of there) files.set(file, await readFile(join(at, dir, file)))
  for (const license of [join(at, dir, 'LICENSE'), join(at, 'LICENSE')])
    if (!files.has('LICENSE') && existsSync(license)) files.set('LICENSE', await readFile(license))
  files.set('package.json', text(whole))
  const tarball = await tarballOf(files)
  return {
    name: whole.name,
    version: whole.version!,
    json: whole,
    files,
    tarball,
    integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
  }
}

function text(json: object): Buffer {
  return Buffer.from(`${JSON.stringify(json, undefined, 2)}\n`)
}

interface Compiled {
  /** Scripts and declarations by path relative to the root, as `packages/servlets/greeter/src/contract.js`. */
  readonly outputs: ReadonlyMap<string, string>
  /** Libraries whose code is reached, by name. */
  readonly libraries: ReadonlyMap<string, WorkspacePackage>
}

function compile(
  root: string,
  servlet: WorkspacePackage,
  workspace: ReadonlyMap<string, WorkspacePackage>,
): Compiled {
  const libraries = new Map<string, WorkspacePackage>()
  for (;;) {
    const program = programOf(root, servlet, [servlet, ...libraries.values()])
    const sources = program.getSourceFiles().filter((file) => !file.isDeclarationFile)
    const ownerOf = (file: ts.SourceFile) => {
      const path = relative(root, file.fileName).replaceAll('\\', '/')
      return [...workspace.values()].find(({ folder }) => path.startsWith(`${folder}/src/`))
    }
    const before = libraries.size
    for (const source of sources) {
      const owner = ownerOf(source)
      if (owner && existsSync(join(root, owner.folder, 'library.json'))) libraries.set(owner.json.name, owner)
    }
    if (libraries.size > before) continue
    const shipped = new Set([servlet.folder, ...[...libraries.values()].map(({ folder }) => folder)])
    return {
      outputs: emit(
        root,
        program,
        sources.filter((file) => shipped.has(ownerOf(file)?.folder ?? '')),
      ),
      libraries,
    }
  }
}

const outDir = '/compiled'

function programOf(
  root: string,
  servlet: WorkspacePackage,
  packages: readonly WorkspacePackage[],
): ts.Program {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, servlet.folder, 'tsconfig.json'),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (diagnostic) => fail([diagnostic]),
    },
  )
  if (!config)
    throw new PackageError(
      `${servlet.folder}/tsconfig.json is missing; write { "extends": "../../../tsconfig.base.json", "include": ["src"] }`,
    )
  const entries = packages.flatMap(({ folder, json }) => {
    const { exports } = json
    const own = Object.values(typeof exports === 'string' ? { '.': exports } : { ...(exports as object) })
    return own
      .filter((entry) => typeof entry === 'string' && entry.endsWith('.ts'))
      .map((entry) => join(root, folder, entry))
  })
  if (entries.length === 0)
    throw new PackageError(
      `${servlet.folder}/package.json exports nothing; write "exports": { "./contract": "./src/contract.ts" }`,
    )
  return ts.createProgram(entries, packedOptions(config.options, { rootDir: root, outDir }))
}

function emit(root: string, program: ts.Program, sources: readonly ts.SourceFile[]): Map<string, string> {
  const outputs = new Map<string, string>()
  for (const source of sources) {
    const findings = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    const { diagnostics } = program.emit(source, (file, content) => {
      const path = relative(outDir, file).replaceAll('\\', '/')
      outputs.set(path, file.endsWith('.d.ts') ? rewriteDeclaration(content) : rewriteScript(content))
    })
    if (findings.length + diagnostics.length > 0) fail([...findings, ...diagnostics], root)
  }
  return outputs
}

function fail(diagnostics: readonly ts.Diagnostic[], root = process.cwd()): never {
  const [first] = diagnostics.map((diagnostic) => {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')
    if (!diagnostic.file) return message
    const { line } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start ?? 0)
    return `${relative(root, diagnostic.file.fileName)}:${line + 1}: ${message}`
  })
  throw new PackageError(`the contract does not compile: ${first}; correct it: npx tsc -p .`)
}

/** npm's own time of files in tarballs, so that a tarball is the same on any day. */
const npmEpoch = new Date('1985-10-26T08:15:00.000Z')

async function tarballOf(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const tar = pack()
  for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    tar.entry({ name: `package/${path}`, mode: 0o644, mtime: npmEpoch, uid: 0, gid: 0 }, Buffer.from(bytes))
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar) chunks.push(chunk as Buffer)
  return gzipSync(Buffer.concat(chunks), { level: 9 })
}
