import { contractId, greetedField } from './contract-text.ts'
import { identifierOf } from './identifiers.ts'
import type { NewFiles } from './new-files.ts'
import type { NewServlet } from './servlet-spec.ts'

/** The store that the endpoint uses: the first one, databases before blobs. */
export function usedStore({ stores }: NewServlet): { name: string; kind: 'postgres' | 'blobs' } | undefined {
  const all = Object.entries(stores).map(([name, kind]) => ({ name, kind }))
  return all.find(({ kind }) => kind === 'postgres') ?? all[0]
}

/** The variable that a called contract is imported as. */
export function callIds(servlet: NewServlet): { import: string; id: string; package: string }[] {
  return servlet.calls.map(({ exported, package: from }) => {
    // One that is called like the new servlet's own.
    const id = exported === contractId(servlet) ? identifierOf(`called-${exported}`, '') : exported
    return { import: id === exported ? id : `${exported} as ${id}`, id, package: from }
  })
}

/** servlet.ts */
export function implementationText(servlet: NewServlet): string {
  const { endpoint } = servlet
  const id = contractId(servlet)
  const calls = callIds(servlet)
  const imports = [
    ...calls
      .map(({ import: what, package: from }) => ({ from: `${from}/contract`, what }))
      .concat({ from: '@atlas/sdk', what: 'servlet' })
      .sort((a, b) => (a.from < b.from ? -1 : 1))
      .map(({ from, what }) => `import { ${what} } from '${from}'`),
    ...(hasManifest(servlet) ? [`import manifest from '../servlet.json' with { type: 'json' }`] : []),
    `import { ${id} } from './contract.ts'`,
  ]
  const needs = [
    ...(hasManifest(servlet) ? ['manifest'] : []),
    ...(calls.length > 0 ? [`calls: { ${calls.map((call) => call.id).join(', ')} }`] : []),
  ]
  const handler = handlerText(servlet)
  const body =
    needs.length === 0
      ? `export default servlet(${id}, {\n  ${endpoint}: ${handler},\n})`
      : `export default servlet(\n  ${id},\n  { ${needs.join(', ')} },\n  {\n    ${endpoint}: ${handler.replaceAll('\n', '\n  ')},\n  },\n)`
  return `${imports.join('\n')}\n\n${body}\n`
}

function handlerText(servlet: NewServlet): string {
  const { parameter, value } = greetedField(servlet)
  const store = usedStore(servlet)
  if (!store) return `async (${parameter}) => ({ message: \`Hello \${${value}}\` })`
  if (store.kind === 'blobs')
    return `async (${parameter}, { stores }) => {
    const key = encodeURIComponent(${value})
    const met = await stores.${store.name}.head(key)
    const message = met ? \`Hello again \${${value}}\` : \`Hello \${${value}}\`
    await stores.${store.name}.put(key, message)
    return { message }
  }`
  return `async (${parameter}, { stores }) => {
    const { rows } = await stores.${store.name}.query<{ times: number }>(
      'insert into greetings (name, times) values ($1, 1) on conflict (name) do update set times = greetings.times + 1 returning times',
      [${value}],
    )
    return { message: rows[0]?.times === 1 ? \`Hello \${${value}}\` : \`Hello again \${${value}}\` }
  }`
}

/** The migration that the endpoint needs. */
export function migrations(servlet: NewServlet): NewFiles {
  const store = usedStore(servlet)
  if (store?.kind !== 'postgres') return {}
  return {
    [`migrations/${store.name}/0001-create-greetings.expand.sql`]: `create table greetings (
  name text primary key,
  times integer not null
);
`,
  }
}

/** Whether the code needs what the manifest says. */
export function hasManifest({ stores, config, secrets }: NewServlet): boolean {
  return [stores, config, secrets].some((record) => Object.keys(record).length > 0)
}
