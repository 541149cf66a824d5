import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'

const isTest = /\.test(-d)?\.ts$/

/** The modules that a module loads when it runs, of Atlas's own; and what it imports besides. */
async function loadedBy(entry: string): Promise<{ modules: string[]; foreign: Set<string> }> {
  const modules = new Set<string>()
  const foreign = new Set<string>()
  const visit = async (file: string): Promise<void> => {
    if (modules.has(file)) return
    modules.add(file)
    const source = await readFile(file, 'utf8')
    const imports = source.matchAll(/^(?:import|export)\s(?!type\b)[^'"]*?from\s+'([^']+)'/gms)
    for (const [, specifier = ''] of imports)
      if (specifier.startsWith('.') || specifier.startsWith('@atlas/'))
        await visit(createRequire(file).resolve(specifier))
      else foreign.add(specifier)
  }
  await visit(entry)
  return { modules: [...modules], foreign }
}

test('the client and the contracts it carries run in a browser: nothing of theirs is Node’s', async () => {
  const { modules, foreign } = await loadedBy(new URL('./index.ts', import.meta.url).pathname)
  expect(modules.length).toBeGreaterThan(20)
  expect(modules.filter((file) => isTest.test(file))).toEqual([])
  expect([...foreign]).toEqual(['zod'])
  for (const file of modules) {
    const code = (await readFile(file, 'utf8')).replace(/\/\*.*?\*\/|\/\/.*$/gms, '')
    expect(code, file).not.toMatch(/\b(Buffer|setImmediate|__dirname|require)\b|(?<!globalThis\.)\bprocess\./)
  }
})
