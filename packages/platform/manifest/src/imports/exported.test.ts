import { describe, expect, it } from 'vitest'
import { exportedNames, exportTarget, isExported } from './exported.ts'

describe('exports', () => {
  it.each([
    { name: 'a string is the package alone', exports: './i.ts', yes: ['.'], no: ['./i.ts'] },
    {
      name: 'conditions are the package alone',
      exports: { types: './i.d.ts', default: './i.js' },
      yes: ['.'],
      no: ['./types'],
    },
    {
      name: 'keys are subpaths',
      exports: { '.': './i.ts', './a': './a.ts' },
      yes: ['.', './a'],
      no: ['./b', './a/b'],
    },
    {
      name: 'null takes out again',
      exports: { './*': './*', './private/*': null },
      yes: ['./a', './a/b'],
      no: ['./private/a', '.'],
    },
    {
      name: 'patterns have an end',
      exports: { './s/*.json': './s/*.json' },
      yes: ['./s/a.json'],
      no: ['./s/.json', './s/a.ts'],
    },
    { name: 'nothing is exported without them', exports: undefined, yes: [], no: ['.'] },
    {
      name: 'what objects have is not exported',
      exports: { '.': './i.ts' },
      yes: [],
      no: ['toString', './toString'],
    },
  ])('$name', ({ exports, yes, no }) => {
    for (const subpath of yes) expect(isExported(exports, subpath), subpath).toBe(true)
    for (const subpath of no) expect(isExported(exports, subpath), subpath).toBe(false)
  })

  it('have names and files', () => {
    const exports = {
      '.': { types: './i.d.ts', default: './i.js' },
      './contract': './src/contract.ts',
      './x': null,
    }
    expect(exportedNames(exports)).toEqual(['.', './contract'])
    expect(exportTarget(exports, './contract')).toBe('./src/contract.ts')
    expect(exportTarget(exports, '.')).toBe('./i.d.ts')
    expect(exportTarget(exports, './x')).toBeUndefined()
  })
})
