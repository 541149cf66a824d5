import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { tarEnd, tarHeader, tarPadding } from './tar.ts'

function list(...parts: Buffer[]): string {
  return execFileSync('tar', ['--list', '--verbose', '--numeric-owner'], {
    input: Buffer.concat([...parts, tarEnd]),
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
  }).toString()
}

test('is what tar reads: modes, sizes, kinds', () => {
  const text = Buffer.from('hello')
  const listed = list(
    tarHeader({ path: 'tmp/', mode: 0o1777, size: 0, kind: 'folder' }),
    tarHeader({ path: 'bin/hello', mode: 0o755, size: text.length, kind: 'file' }),
    text,
    tarPadding(text.length),
  )
  expect(listed).toMatch(/^drwxrwxrwt 0\/0 +0 .* tmp\/$/m)
  expect(listed).toMatch(/^-rwxr-xr-x 0\/0 +5 .* bin\/hello$/m)
})

test('splits long paths as tar reads them, and refuses those that do not fit', () => {
  const path = `${'folder/'.repeat(20)}${'n'.repeat(90)}`
  expect(list(tarHeader({ path, mode: 0o644, size: 0, kind: 'file' }))).toContain(path)
  const long = 'n'.repeat(101)
  expect(() => tarHeader({ path: long, mode: 0o644, size: 0, kind: 'file' })).toThrow(/too long for a tar/)
})

test('pads to whole blocks', () => {
  expect([0, 1, 511, 512, 513].map((size) => tarPadding(size).length)).toEqual([0, 511, 1, 0, 511])
})
