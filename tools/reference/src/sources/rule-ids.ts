import ts from 'typescript'
import { nodesOf, sourcesIn } from './parse.ts'

/** The packages whose findings `atlas check` and `atlas start` report. */
const folders = ['manifest', 'release', 'cli', 'local'].map((name) => `packages/platform/${name}/src`)

const ruleId = /^[a-z]+\/[a-z]+(-[a-z]+)*$/

/** Where rules are named in the sources: the values of everything called `rule`. */
export async function ruleIdsInSources(): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  for (const folder of folders)
    for (const source of (await sourcesIn(folder)).values())
      for (const node of nodesOf(source)) {
        if (!ts.isPropertyAssignment(node) && !ts.isVariableDeclaration(node)) continue
        if (node.name.getText() !== 'rule' || !node.initializer) continue
        for (const inner of nodesOf(node.initializer))
          if (ts.isStringLiteralLike(inner) && ruleId.test(inner.text)) ids.add(inner.text)
      }
  return ids
}

/** Every text in the sources that looks like a rule of one of these areas: a rule that is made in another way than above. */
export async function textsLikeRules(areas: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const texts = new Set<string>()
  for (const folder of folders)
    for (const source of (await sourcesIn(folder)).values())
      for (const node of nodesOf(source)) {
        if (!ts.isStringLiteralLike(node) || !ruleId.test(node.text)) continue
        if (areas.has(node.text.split('/', 1)[0]!)) texts.add(node.text)
      }
  return texts
}
