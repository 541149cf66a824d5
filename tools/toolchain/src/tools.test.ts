import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { goModules } from './cache.ts'
import { tools, toolsNamed } from './tools.ts'

test('names every tool once', () => {
  const names = tools.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

// A module whose releases are old is pinned by a commit, as Go writes it.
test('pins whole versions', () => {
  for (const { name, version } of tools)
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-0\.\d{14}-[0-9a-f]{12})?$/)
})

test('has the sources of every main module of its own, and of no other', () => {
  for (const { name, recipe } of tools) {
    if (recipe.kind !== 'go-module') continue
    for (const file of ['go.mod', 'main.go']) {
      expect(existsSync(join(goModules, recipe.folder, file)), `${name} ${file}`).toBe(true)
    }
  }
})

test('finds tools by name in the order of the table', () => {
  expect(toolsNamed(['coredns', 'kubernetes']).map(({ name }) => name)).toEqual(['kubernetes', 'coredns'])
  expect(toolsNamed()).toEqual(tools)
})

test('says which names there are when one is unknown', () => {
  expect(() => toolsNamed(['kubernets'])).toThrow(/kubernets: no such tool.*kubernetes, pause/)
})
