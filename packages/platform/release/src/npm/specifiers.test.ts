import { expect, test } from 'vitest'
import { importsOf, rewriteDeclaration, rewriteScript } from './specifiers.ts'

test.each([
  [`export { a } from './a.ts';`, `export { a } from './a.js';`],
  [
    `import type { A } from "../a.ts";\nexport declare const x: A;`,
    `import type { A } from "../a.js";\nexport declare const x: A;`,
  ],
  [
    `export declare const x: import('./a.ts').A<import("./deep/b.ts").B>;`,
    `export declare const x: import('./a.js').A<import("./deep/b.js").B>;`,
  ],
  [`declare module './a.ts' { interface A {} }`, `declare module './a.js' { interface A {} }`],
  [`export { a } from 'package/a.ts';`, `export { a } from 'package/a.ts';`],
  [`export declare const name: './a.ts';`, `export declare const name: './a.ts';`],
  [`import './ambient.d.ts';`, `import './ambient.d.ts';`],
])('makes the declaration %j name what is built', (before, after) => {
  expect(rewriteDeclaration(before)).toBe(after)
})

test.each([
  [
    `new Worker(new URL('./worker.ts', import.meta.url))`,
    `new Worker(new URL('./worker.js', import.meta.url))`,
  ],
  [`new URL(\n  "../a/b.ts",\n  import.meta.url\n)`, `new URL(\n  "../a/b.js",\n  import.meta.url\n)`],
  [`import.meta.resolve('./loader.ts')`, `import.meta.resolve('./loader.js')`],
  [`new URL('./template.ts.txt', import.meta.url)`, `new URL('./template.ts.txt', import.meta.url)`],
  [`new URL('./a.ts', base)`, `new URL('./a.ts', base)`],
  [`const example = './a.ts'`, `const example = './a.ts'`],
])('makes the script %j name what is built', (before, after) => {
  expect(rewriteScript(before)).toBe(after)
})

test('finds every way to name a module', () => {
  const names = importsOf(
    `import 'a'; import { b } from 'b'; export * from 'c'; await import('d'); type E = import('e').E; const f = 'f'`,
  ).map(({ name }) => name)
  expect(names).toEqual(['a', 'b', 'c', 'd', 'e'])
})
