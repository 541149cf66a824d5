import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import ts from 'typescript'

/** The root of the workspace. */
export const root = join(import.meta.dirname, '../../../..')

/** Source files of a folder of the workspace, tests and fixtures left out, parsed, by their path. */
export async function sourcesIn(folder: string): Promise<Map<string, ts.SourceFile>> {
  const files: string[] = []
  for await (const file of glob(`${folder}/**/*.ts`, { cwd: root, exclude: isLeftOut })) files.push(file)
  const parsed = new Map<string, ts.SourceFile>()
  for (const file of files.sort()) {
    const text = await readFile(join(root, file), 'utf8')
    parsed.set(file, ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true))
  }
  return parsed
}

function isLeftOut(path: string): boolean {
  return /(^|\/)(node_modules|fixtures|dist)(\/|$)|\.(test|test-d|bench)\.ts$/.test(path)
}

/** Every node below a node, itself included. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node
  for (const child of node.getChildren()) yield* nodesOf(child)
}
