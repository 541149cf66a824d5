import { beforeAll, expect, test } from 'vitest'
import { typeCheck } from './fixtures/type-check.ts'

const mistaken = `
import { contract, endpoint, stream } from '@atlas/contract'
import { servlet } from '@atlas/sdk'
import { open } from '@atlas/sdk/testing'
import * as z from 'zod'

const identity = contract('identity', {
  verify: endpoint({
    route: 'POST /verify',
    input: z.object({ token: z.string() }),
    output: z.object({ id: z.string() }),
  }),
})
const greeter = contract('greeter', {
  greet: endpoint({
    route: 'GET /greet/{name}',
    input: z.object({ name: z.string() }),
    output: z.object({ message: z.string() }),
  }),
  watch: endpoint({ route: 'GET /watch', output: stream(z.object({ n: z.int() })) }),
})
const greet = async ({ name }: { name: string }) => ({ message: name })
async function* watch() {}
const manifest = { owner: 'web', config: { max: 1 }, secrets: { key: 'k' } }
const made = servlet(greeter, { calls: { identity }, manifest }, { greet, watch })
const fake = { verify: async () => ({ id: 'a' }) }
`

const mistakes: readonly (readonly [name: string, line: string, sentence: RegExp])[] = [
  ['a missing handler', 'servlet(greeter, { greet })', /^ +Property 'watch' is missing in type/m],
  [
    'one beside needs',
    'servlet(greeter, { manifest }, { greet })',
    /^ +Property 'watch' is missing in type/m,
  ],
  [
    'a misspelt handler',
    'servlet(greeter, { greet, wacth: watch })',
    /'wacth' does not exist in type .* Did you mean to write 'watch'\?/,
  ],
  [
    'a wrong answer',
    'servlet(greeter, { greet: async () => ({ massage: "hi" }), watch })',
    /^ +Property 'message' is missing in type '\{ massage: string; \}' but required in type '\{ message: string; \}'\.$/m,
  ],
  [
    'a field that the input does not have',
    'servlet(greeter, { greet: async ({ nmae }) => ({ message: nmae }), watch })',
    /^Property 'nmae' does not exist on type '\{ name: string; \}'\.$/,
  ],
  [
    'a stream that answers once',
    'servlet(greeter, { greet, watch: async () => ({ n: 1 }) })',
    /^Property '\[Symbol.asyncIterator\]' is missing in type 'Promise<\{ n: number; \}>'/,
  ],
  [
    'a misspelt need',
    'servlet(greeter, { call: { identity } }, { greet, watch })',
    /'call' does not exist in type 'Needs<.* Did you mean to write 'calls'\?/,
  ],
  [
    'no fakes at all',
    'open(made)',
    /open\(\) needs a second argument for this servlet: \{ calls \} with a fake of each/,
  ],
  [
    'a missing fake',
    'open(made, { calls: {}, secrets: { key: "" } })',
    /^Property 'identity' is missing in type '\{\}'/,
  ],
  [
    'a missing secret',
    'open(made, { calls: { identity: fake } })',
    /^\s*Property 'secrets' is missing in type/m,
  ],
  [
    'a wrong fake',
    'open(made, { calls: { identity: { verify: async () => ({ idd: "" }) } }, secrets: { key: "" } })',
    /Property 'id' is missing in type '\{ idd: string; \}' but required in type '\{ id: string; \}'\.$/m,
  ],
  [
    'config that the manifest does not have',
    'open(made, { calls: { identity: fake }, secrets: { key: "" }, config: { min: 1 } })',
    /'min' does not exist in type 'Partial<Readonly<\{ max: number; \}>>'/,
  ],
]

const errorsByLine = new Map<string, string[]>()

beforeAll(() => {
  const firstLine = mistaken.split('\n').length
  const { errors } = typeCheck({ 'mistakes.ts': mistaken + mistakes.map(([, line]) => line).join('\n') })
  for (const error of errors) {
    const [, line = '', sentence = ''] = /^mistakes.ts:(\d+) TS\d+ (.*)$/s.exec(error) ?? []
    const made = mistakes[Number(line) - firstLine]?.[1] ?? `line ${line}`
    errorsByLine.set(made, [...(errorsByLine.get(made) ?? []), sentence])
  }
}, 60_000)

test.for(mistakes)('%s', ([, line, sentence]) => {
  expect(errorsByLine.get(line)).toEqual([expect.stringMatching(sentence)])
})

test('nothing else is wrong', () => {
  expect([...errorsByLine.keys()].toSorted()).toEqual(mistakes.map(([, line]) => line).toSorted())
})
