import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { packedOptions, rewriteDeclaration, rewriteScript } from '@atlas/release/packing'
import ts from 'typescript'

/** Files of `src` that are about the package and not of it. */
const besides = /(\.(test|test-d|bench)\.ts$)|((^|\/)(fixtures|__snapshots__)(\/|$))/

/** Whether a file or folder, relative to a package's `src`, is shipped: compiled, or copied when it is no TypeScript. */
export function isShipped(path: string): boolean {
  return !besides.test(path.replaceAll('\\', '/'))
}

/**
 * Compiles the `src` of a staged package into its `dist`: scripts and declarations, without tests.
 * @param stage The folder under which all staged packages lie; dependencies that are not built yet are read as source.
 * @throws Error with the compiler's findings.
 */
export async function compile(stage: string, folder: string): Promise<void> {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(folder, 'tsconfig.json'),
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: fail },
  )
  if (!config) throw new Error(`${folder} has no tsconfig.json`)
  if (config.errors.length > 0) fail(...config.errors)
  const src = join(folder, 'src')
  const outDir = join(stage, '.out')
  const options = packedOptions(config.options, { rootDir: stage, outDir })
  const names = config.fileNames.filter((file) => {
    const path = relative(src, file)
    return !path.startsWith('..') && isShipped(path)
  })
  const program = ts.createProgram(names, options, cachingHost(options))
  const outputs = new Map<string, string>()
  const { diagnostics } = program.emit(undefined, (file, text) => {
    // Only what comes from this package's src: JSON beside it stays where it is, and other packages have their own turn.
    const path = relative(join(outDir, relative(stage, src)), file)
    if (!path.startsWith('..')) outputs.set(join(folder, 'dist', path), text)
  })
  const findings = ts.sortAndDeduplicateDiagnostics([...ts.getPreEmitDiagnostics(program), ...diagnostics])
  if (findings.length > 0) fail(...findings)
  for (const [file, text] of outputs) {
    await mkdir(dirname(file), { recursive: true })
    const rewrite = file.endsWith('.d.ts')
      ? rewriteDeclaration
      : file.endsWith('.js')
        ? rewriteScript
        : undefined
    await writeFile(file, rewrite?.(text) ?? text)
  }
}

/**
 * Makes a compiled file executable.
 * @throws Error when it does not start with a line that says what runs it.
 */
export async function makeExecutable(folder: string, file: string, text: string): Promise<void> {
  if (!text.startsWith('#!'))
    throw new Error(`bin ${file} does not start with '#!/usr/bin/env node'; add that line to its source`)
  await chmod(join(folder, file), 0o755)
}

/** Parses declarations of installed packages once, however many packages are compiled. */
function cachingHost(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options)
  const parse = host.getSourceFile
  host.getSourceFile = (file, how, ...rest) => {
    if (!/\.d\.[cm]?ts$/.test(file) || !file.includes('/node_modules/')) return parse(file, how, ...rest)
    // A file is parsed by its format too, which the same file always has in one repository.
    let parsed = parsedDeclarations.get(file)
    if (!parsed) {
      parsed = parse(file, how, ...rest)
      if (parsed) parsedDeclarations.set(file, parsed)
    }
    return parsed
  }
  return host
}

const parsedDeclarations = new Map<string, ts.SourceFile>()

function fail(...diagnostics: readonly ts.Diagnostic[]): never {
  throw new Error(
    ts.formatDiagnostics(diagnostics, {
      getCanonicalFileName: (file) => file,
      getCurrentDirectory: () => process.cwd(),
      getNewLine: () => '\n',
    }),
  )
}
