import { expect, test } from 'vitest'
import { reach } from './reach.ts'

const files = new Map([
  ['dist/contract.js', `import * as z from 'zod/v4'; import './shared.js'; import 'node:fs'; import 'path'`],
  ['dist/contract.d.ts', `import type { X } from '@atlas/contract'; import type { Y } from './types.js'`],
  ['dist/shared.js', `import data from '../data.json' with { type: 'json' }; import './gone.js'`],
  ['dist/types.d.ts', `export type Y = import('@acme/identity/contract').Account`],
  ['dist/servlet.js', `import express from 'express'`],
  ['data.json', ''],
])

test('follows imports from the entries through scripts, declarations and JSON', () => {
  const { files: reached, packages, missing } = reach(files, ['dist/contract.js', 'dist/contract.d.ts'])
  expect([...reached].sort()).toEqual([
    'data.json',
    'dist/contract.d.ts',
    'dist/contract.js',
    'dist/shared.js',
    'dist/types.d.ts',
  ])
  expect([...packages].sort()).toEqual([
    ['@acme/identity', 'dist/types.d.ts'],
    ['@atlas/contract', 'dist/contract.d.ts'],
    ['zod', 'dist/contract.js'],
  ])
  expect(missing).toEqual([{ file: 'dist/gone.js', from: 'dist/shared.js' }])
})

test('takes every file that a pattern matches', () => {
  expect([...reach(files, ['dist/*.d.ts']).files].sort()).toEqual(['dist/contract.d.ts', 'dist/types.d.ts'])
})

test('says that an entry is missing', () => {
  expect(reach(files, ['dist/nope.js']).missing).toEqual([{ file: 'dist/nope.js', from: 'package.json' }])
})
