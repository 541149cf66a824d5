import { join, resolve } from 'node:path'
import { openApiOf, openApiOfProduct, protoOf } from '@atlas/interface'
import { readWorkspace } from '@atlas/manifest'
import { writeAtomically } from '@atlas/release/workspace'
import { exitCode } from '../../exit-code.ts'
import { staleDocuments } from '../../interface/stale-documents.ts'
import { formatFindings, type Output } from '../../output.ts'
import { jsonText } from '../../scaffold/json-text.ts'
import { findRoot } from '../../workspace/find-root.ts'

/** `atlas docs`: OpenAPI 3.1 of each servlet and of the product, .proto of each servlet with gRPC endpoints. */
export async function docs(
  options: { cwd: string; out: string; json: boolean },
  output: Output,
): Promise<number> {
  const root = await findRoot(options.cwd)
  const { live, findings } = await staleDocuments(await readWorkspace(root))
  const folder = resolve(root, options.out)
  const files = new Map<string, string>()
  for (const [name, document] of [...live].sort(([a], [b]) => (a < b ? -1 : 1))) {
    files.set(`${name}.openapi.json`, jsonText(openApiOf(document)))
    const proto = protoOf(document)
    if (proto !== undefined) files.set(`${name}.proto`, proto)
  }
  files.set(
    'product.openapi.json',
    jsonText(openApiOfProduct([...live.values()], { title: 'Product', version: '0.0.0' })),
  )
  for (const [file, text] of files) await writeAtomically(join(folder, file), text)
  const failed = findings.filter(
    ({ rule }) => rule !== 'interface/stale' && rule !== 'servlet/interface-missing',
  )
  if (options.json) output.json({ folder, written: [...files.keys()], findings: failed })
  else {
    for (const file of files.keys()) output.print(`wrote ${join(options.out, file)}`)
    for (const line of formatFindings(failed)) output.note(line)
  }
  return failed.length === 0 ? exitCode.done : exitCode.refused
}
