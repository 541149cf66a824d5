import { expect, test } from 'vitest'
import { ofChange, ofSharing } from './happening.ts'

const file = {
  ...{ kind: 'file' as const, id: 'c0ffee00-0000-4000-8000-000000000001', path: 'b.txt', sizeBytes: 1 },
  ...{ contentType: 'text/plain', etag: '1', modified: '2026-11-25T12:00:00.000Z' },
}
const person = { id: 'c0ffee00-0000-4000-8000-000000000002', name: 'Eve' }

test('says what happened to files', () => {
  expect(ofChange({ kind: 'written', file, isNew: true })).toEqual({ kind: 'added', path: 'b.txt' })
  expect(ofChange({ kind: 'written', file, isNew: false })).toEqual({ kind: 'changed', path: 'b.txt' })
  expect(ofChange({ kind: 'moved', file, from: 'a.txt' })).toEqual({
    kind: 'moved',
    path: 'b.txt',
    from: 'a.txt',
  })
  expect(ofChange({ kind: 'removed', fileId: file.id, path: 'b.txt' })).toEqual({
    kind: 'removed',
    path: 'b.txt',
  })
})

test('says what happened by links and grants, and who was in it', () => {
  expect(ofSharing({ kind: 'opened', path: 'b.txt' })).toEqual({ kind: 'opened', path: 'b.txt' })
  expect(ofSharing({ kind: 'granted', path: 'b.txt', reader: person })).toMatchObject({ person })
  expect(ofSharing({ kind: 'received', path: 'b.txt', owner: person })).toMatchObject({ person })
})
