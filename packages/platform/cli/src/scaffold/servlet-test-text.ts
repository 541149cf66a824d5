import { contractId, inputFields, quoted } from './contract-text.ts'
import type { NewServlet } from './servlet-spec.ts'
import { callIds, usedStore } from './servlet-text.ts'

/** servlet.test.ts */
export function testText(servlet: NewServlet): string {
  const { endpoint } = servlet
  const id = contractId(servlet)
  const input = inputFields(servlet)
    .map((field) => `${field}: 'ada'`)
    .join(', ')
  const options = optionsOf(servlet)
  const client = `  await using client = ${openText(id, options)}\n`
  const call = (on: string) => `${on}.${endpoint}({ ${input} })`
  const head = `import { open } from '@atlas/sdk/testing'
import { expect, test } from 'vitest'
import ${id} from './servlet.ts'
`
  if (usedStore(servlet))
    return `${head}
test('greets, and remembers whom it has greeted', async () => {
${client}  expect(await ${call('client')}).toEqual({ message: 'Hello ada' })
  expect(await ${call('client')}).toEqual({ message: 'Hello again ada' })
})
`
  return `${head}
test('greets', async () => {
${options.length > 0 ? client : ''}  expect(await ${call(options.length > 0 ? 'client' : `open(${id})`)}).toEqual({ message: 'Hello ada' })
})
`
}

function openText(id: string, options: readonly string[]): string {
  if (options.length === 0) return `open(${id})`
  const short = `open(${id}, { ${options.join(', ')} })`
  return `  await using client = ${short}`.length <= 110
    ? short
    : `open(${id}, {\n${options.map((option) => `    ${option},\n`).join('')}  })`
}

function optionsOf(servlet: NewServlet): string[] {
  const { access, secrets } = servlet
  const secretNames = Object.keys(secrets)
  return [
    ...(access === 'user' ? [`user: { id: 'ada' }`] : []),
    // Fakes of the endpoints that a test reaches: none yet.
    ...(servlet.calls.length > 0
      ? [
          `calls: { ${callIds(servlet)
            .map((call) => `${call.id}: {}`)
            .join(', ')} }`,
        ]
      : []),
    ...(secretNames.length > 0
      ? [`secrets: { ${secretNames.map((secret) => `${secret}: ${quoted('only for tests')}`).join(', ')} }`]
      : []),
  ]
}
