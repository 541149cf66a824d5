import { expect, it } from 'vitest'
import { importsOf } from './imports-of.ts'

it('finds every form of an import, with its line, and nothing that only looks like one', () => {
  const text = `import a from 'a'
import type { B } from 'b'
import { type C } from 'c'
export * from 'd'
export type { X } from 'e'
import 'f'
const x: typeof import('g') = await import('h')
type Q = import('i').Foo
const re = /import 'no'/
const g = <T,>(x: T) => { if (x) /"/.test(x); return import(\`j\`) }
const s = \`\${await import('k')} import('no')\`
// import 'no'
const t = "import 'no'"
import u = require('l')
const v = require('m')
import {
  many,
} from 'n'
import json from './o.json' with { type: 'json' }
await import(variable)
export const here = import.meta.resolve('no')
`
  expect(importsOf('x.ts', text).map(({ specifier, line, kind }) => `${specifier} ${line} ${kind}`)).toEqual([
    'a 1 static',
    'b 2 type',
    'c 3 static',
    'd 4 static',
    'e 5 type',
    'f 6 static',
    'g 7 type',
    'h 7 dynamic',
    'i 8 type',
    'j 10 dynamic',
    'k 11 dynamic',
    'l 14 require',
    'm 15 require',
    'n 18 static',
    './o.json 19 static',
  ])
})

it('reads JSX and JavaScript, and copes with what does not parse', () => {
  expect(importsOf('x.tsx', `import a from 'a'\nconst b = <div>{import('c')}</div>`)).toHaveLength(2)
  expect(importsOf('x.cjs', `const a = require('a')`)).toEqual([{ specifier: 'a', line: 1, kind: 'require' }])
  expect(importsOf('x.ts', `import { from 'a'\nimport b from 'b'`)).toContainEqual({
    specifier: 'b',
    line: 2,
    kind: 'static',
  })
})
