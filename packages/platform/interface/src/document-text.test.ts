import { contract, endpoint } from '@atlas/contract'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { InterfaceDocument } from './document.ts'
import { parseInterfaceDocument, stringifyInterface } from './document-text.ts'
import { contractOf, contractSpec } from './fixtures/contract-spec.ts'
import { interfaceOf } from './interface-of.ts'

const greeter = contract('greeter', {
  greet: endpoint({
    route: 'GET /greet/{name}',
    input: z.object({ name: z.string() }),
    output: z.object({
      mood: z.enum(['calm', 'loud']),
      to: z.object({ name: z.string() }).meta({ id: 'Person' }),
    }),
  }),
})
const text = stringifyInterface(interfaceOf(greeter))

/** The problems of the document after a change. */
function problemsAfter(change: (document: InterfaceDocument & Record<string, any>) => void) {
  const document = JSON.parse(text)
  change(document)
  const parsed = parseInterfaceDocument(JSON.stringify(document))
  return parsed.ok ? [] : parsed.problems
}

describe('the text of an interface document', () => {
  it('is read and written again unchanged', () => {
    fc.assert(
      fc.property(contractSpec({ depth: 2, names: ['a', 'b'], ids: ['One'] }), (spec) => {
        const text = stringifyInterface(interfaceOf(contractOf('any', spec)))
        const parsed = parseInterfaceDocument(text)
        if (!parsed.ok) expect.fail(JSON.stringify(parsed.problems))
        expect(stringifyInterface(parsed.value)).toBe(text)
      }),
      { numRuns: 60 },
    )
  })

  it('does not depend on the order of keys, and ends with a newline', () => {
    const reversed = (value: unknown): unknown =>
      typeof value !== 'object' || value === null || Array.isArray(value)
        ? value
        : Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, part]) => [key, reversed(part)]),
          )
    expect(stringifyInterface(reversed(JSON.parse(text)) as InterfaceDocument)).toBe(text)
    expect(text.endsWith('}\n')).toBe(true)
  })

  it('keeps the order of an enum, which is the order of its author', () => {
    expect(JSON.parse(text).endpoints.greet.output.schema.properties.mood.enum).toEqual(['calm', 'loud'])
  })
})

describe('reading an interface document', () => {
  it.each([
    { name: 'ours', marker: '<<<<<<< HEAD' },
    { name: 'the ancestor', marker: '||||||| merged common ancestors' },
    { name: 'the middle', marker: '=======' },
    { name: 'theirs', marker: '>>>>>>> main' },
  ])('refuses conflict markers: $name', ({ marker }) => {
    const lines = text.split('\n')
    lines.splice(3, 0, marker)
    expect(parseInterfaceDocument(lines.join('\n'))).toEqual({
      ok: false,
      problems: [
        {
          rule: 'interface/conflict',
          path: 'line 4',
          message: 'has the conflict markers of a merge',
          remedy: 'take the file from the main branch and generate it again',
        },
      ],
    })
  })

  it.each([
    { name: 'half a file', bad: text.slice(0, 100), rule: 'interface/syntax' },
    { name: 'an empty file', bad: '', rule: 'interface/syntax' },
    { name: 'a newer format', bad: '{ "format": 2 }', rule: 'interface/format' },
    { name: 'not a document', bad: '[]', rule: 'interface/shape' },
    { name: 'null', bad: 'null', rule: 'interface/shape' },
  ])('refuses $name', ({ bad, rule }) => {
    expect(parseInterfaceDocument(bad)).toMatchObject({ ok: false, problems: [{ rule }] })
  })

  it('reports all wrong fields, each with its path', () => {
    const problems = problemsAfter((document) => {
      document.endpoints.greet!.route = 'GREET /x'
      document.endpoints.greet!.access = 'everyone' as never
      document.extra = 1
    })
    expect(problems.map(({ rule, path }) => `${rule} ${path}`).sort()).toEqual([
      'interface/shape ',
      'interface/shape endpoints.greet.access',
      'interface/shape endpoints.greet.route',
    ])
  })

  it('refuses two fields with one number, as a merge without a conflict can leave them', () => {
    const problems = problemsAfter((document) => {
      document.protobuf!.messages.GreetResponse!.fields = { mood: 1, to: 1 }
    })
    expect(problems).toMatchObject([
      { rule: 'interface/numbers', message: "'mood' and 'to' both have the number 1" },
    ])
  })

  it.each([
    { name: 'a reserved number', numbers: { fields: { mood: 1, to: 2 }, reserved: [2] } },
    {
      name: 'a reserved name',
      numbers: { fields: { mood: 1, to: 2 }, reserved: [3], reservedNames: ['to'] },
    },
    { name: 'a number of protobuf itself', numbers: { fields: { mood: 1, to: 19_500 } } },
  ])('refuses a field with $name', ({ numbers }) => {
    const problems = problemsAfter((document) => {
      document.protobuf!.messages.GreetResponse = numbers
    })
    expect(problems).toMatchObject([{ rule: 'interface/numbers', path: 'protobuf.messages.GreetResponse' }])
  })

  it('refuses references to schemas that are not there', () => {
    const problems = problemsAfter((document) => {
      delete document.schemas
    })
    expect(problems).toMatchObject([
      {
        rule: 'interface/reference',
        path: 'endpoints.greet.output',
        message: "references '#/schemas/Person', which is not there",
      },
    ])
  })

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc
            .tuple(fc.nat(text.length), fc.nat(20))
            .map(([at, cut]) => text.slice(0, at) + text.slice(at + cut)),
        ),
        (bad) => {
          expect(typeof parseInterfaceDocument(bad).ok).toBe('boolean')
        },
      ),
      { numRuns: 500 },
    )
  })
})
