import { mustParseRoute } from '@atlas/contract'
import { identifierOf, isTaken } from './identifiers.ts'
import type { NewServlet } from './servlet-spec.ts'

/** The variable that holds the contract. */
export function contractId({ name }: NewServlet): string {
  return identifierOf(name, 'Servlet')
}

/** The input fields of the endpoint: those of its route, else the name of whom it greets. */
export function inputFields({ route }: NewServlet): string[] {
  const fields = mustParseRoute(route).segments.flatMap((segment) =>
    segment.kind === 'literal' ? [] : [segment.field],
  )
  return fields.length > 0 ? fields : ['name']
}

/** How a handler takes the field that it greets out of its input, and what the field is called from there on. */
export function greetedField(servlet: NewServlet): { parameter: string; value: string } {
  const [field = 'name'] = inputFields(servlet)
  return isTaken(field)
    ? { parameter: `{ ${field}: name }`, value: 'name' }
    : { parameter: `{ ${field} }`, value: field }
}

/** contract.ts */
export function contractText(servlet: NewServlet): string {
  const { name, endpoint, route, access } = servlet
  const input = inputFields(servlet)
    .map((field) => `${field}: z.string().min(1)`)
    .join(', ')
  return `import { contract, endpoint } from '@atlas/contract'
import * as z from 'zod'

export const ${contractId(servlet)} = contract('${name}', {
  ${endpoint}: endpoint({
    route: ${quoted(route)},
    access: '${access}',
    input: z.object({ ${input} }),
    output: z.object({ message: z.string() }),
  }),
})
`
}

/** A string of JavaScript, in single quotes where that needs no escape. */
export function quoted(text: string): string {
  return /['\\\n]/.test(text) ? JSON.stringify(text) : `'${text}'`
}
