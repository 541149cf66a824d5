import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  type ImportedServlet,
  importOpenApi,
  type Loss,
  type OpenApiDescription,
  readDescription,
} from '@atlas/interface'
import { catalogOf, isServletName, readWorkspace } from '@atlas/manifest'
import { parse as parseYaml } from 'yaml'
import { CommandError, exitCode } from '../../../exit-code.ts'
import type { Output } from '../../../output.ts'
import { ownerOf, scopeOf } from '../../../scaffold/fitting.ts'
import { importedFiles } from '../../../scaffold/imported-files.ts'
import { platformVersion, zodRange } from '../../../scaffold/versions.ts'
import { writePackage } from '../../../scaffold/write-package.ts'
import { suggestion } from '../../../suggest.ts'
import { findRoot } from '../../../workspace/find-root.ts'

/** Options of `atlas import openapi`. */
export interface ImportFileOptions {
  readonly cwd: string
  readonly file: string
  readonly tag?: readonly string[]
  readonly prefix?: string
  readonly namePrefix?: string
  readonly access: 'public' | 'user' | 'internal'
  readonly owner?: string
  readonly scope?: string
  readonly json: boolean
}

/** `atlas import openapi FILE`: a servlet for each tag. One that is there already is left alone, so this can be run again. */
export async function importFile(options: ImportFileOptions, output: Output): Promise<number> {
  const root = await findRoot(options.cwd)
  const { prefix = '', namePrefix = '', tag } = options
  if (prefix !== '' && !/^(\/[A-Za-z0-9._~-]+)+$/.test(prefix))
    throw new CommandError(`'${prefix}' is no prefix; write it as /github`, exitCode.usage)
  if (namePrefix !== '' && !/^[a-z][a-z0-9-]*$/.test(namePrefix))
    throw new CommandError(`'${namePrefix}' cannot begin a name; write it as github-`, exitCode.usage)
  const description = await read(resolve(options.cwd, options.file))
  const workspace = await readWorkspace(root)
  const owner = ownerOf(options.owner, catalogOf(workspace).catalog)
  const scope = scopeOf(options.scope, workspace)
  const platform = workspace.packages.some(({ name }) => name === '@atlas/sdk') ? '*' : `^${platformVersion}`
  checkTags(tag ?? [], description)
  const servlets = importedFrom(description, options)
  if (servlets.length === 0) throw new CommandError(`${options.file} describes no operation`)
  const made: { name: string; endpoints: number; withoutGrpc: readonly string[]; losses: readonly Loss[] }[] =
    []
  const skipped: string[] = []
  for (const servlet of servlets) {
    const dir = `packages/servlets/${servlet.name}`
    if (!isServletName(servlet.name))
      throw new CommandError(
        `'${servlet.name}' would be no name for a servlet; choose tags with --tag, or a shorter --name-prefix`,
      )
    if (await stat(join(root, dir)).catch(() => undefined)) {
      skipped.push(dir)
      continue
    }
    await writePackage(root, {
      dir,
      files: importedFiles(servlet, { scope, owner, platform, zod: zodRange }),
    })
    const { name, document, withoutGrpc, losses } = servlet
    made.push({ name, endpoints: Object.keys(document.endpoints).length, withoutGrpc, losses })
  }
  if (options.json) output.json({ servlets: made, skipped })
  else {
    for (const { name, endpoints, withoutGrpc, losses } of made) {
      output.print(
        `wrote packages/servlets/${name}: ${endpoints} endpoints, ${withoutGrpc.length} of them without gRPC, ${losses.length} things left out`,
      )
      for (const { where, what } of losses) output.note(`    ${where}: ${what}`)
    }
    for (const dir of skipped) output.print(`${dir} exists already, and was left alone`)
    output.print('next: npm install (links them), npm start, npx atlas check')
  }
  return exitCode.done
}

/** @throws CommandError where schemas lead from one to the next further than code that calls itself can follow */
function importedFrom(
  description: OpenApiDescription,
  { file, prefix = '', namePrefix = '', tag, access }: ImportFileOptions,
): ImportedServlet[] {
  try {
    return importOpenApi(description, { prefix, namePrefix, access, ...(tag && { tags: tag }) })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new CommandError(
      `${file} cannot be imported: its schemas lead through too many others, one after the other; leave some of the references out`,
    )
  }
}

async function read(file: string): Promise<OpenApiDescription> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`, exitCode.usage)
  }
  const described = readDescription(valueIn(text, file))
  if (described.ok) return described.value
  throw new CommandError(`${file} cannot be imported: ${described.message}; ${described.remedy}`)
}

/** What a text says in JSON, which begins with a brace then, or in YAML. */
function valueIn(text: string, file: string): unknown {
  const isJson = /^\s*[{[]/.test(text.replace(/^\uFEFF/, ''))
  try {
    return isJson ? JSON.parse(text.replace(/^\uFEFF/, '')) : parseYaml(text, { maxAliasCount: 1000 })
  } catch (error) {
    const [first] = (error as Error).message.split('\n')
    throw new CommandError(`${file} is not ${isJson ? 'JSON' : 'YAML'}: ${first}; correct it there`)
  }
}

function checkTags(wanted: readonly string[], { paths = {} }: OpenApiDescription): void {
  const known = new Set(
    Object.values(paths).flatMap((item) =>
      Object.values(item).flatMap((operation) => (operation as { tags?: string[] } | null)?.tags ?? []),
    ),
  )
  for (const tag of wanted)
    if (!known.has(tag))
      throw new CommandError(`there is no tag '${tag}'${suggestion(tag, [...known])}`, exitCode.usage)
}
