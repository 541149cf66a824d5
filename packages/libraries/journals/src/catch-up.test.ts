import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { catchUp } from './catch-up.ts'

const journalOf = (length: number) => Array.from({ length }, (_, index) => ({ revision: index + 1 }))

/** A copy in memory. `stop` is called before each step that changes it. */
function copyOf(journal: readonly { revision: number }[], stop = () => {}) {
  const kept: number[] = []
  let position = 0
  return {
    kept,
    position: async () => position,
    async read(since: number) {
      await turn()
      const entries = journal.filter(({ revision }) => revision > since).slice(0, 3)
      return { entries, more: entries.length === 3 }
    },
    async add(entries: readonly { revision: number }[], since: number) {
      stop()
      if (position !== since) return
      kept.push(...entries.map(({ revision }) => revision))
      position = entries.at(-1)!.revision
    },
  }
}

test('copies what is there, in parts', async () => {
  const copy = copyOf(journalOf(10))
  await catchUp(copy)
  await catchUp(copy)
  expect(copy.kept).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})

test('many at once add everything once', async () => {
  const copy = copyOf(journalOf(10))
  await Promise.all([catchUp(copy), catchUp(copy), catchUp(copy)])
  expect(copy.kept).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})

test('goes on after it was stopped', async () => {
  let steps = 0
  const copy = copyOf(journalOf(10), () => {
    if (++steps === 2) throw new Error('killed')
  })
  await expect(catchUp(copy)).rejects.toThrow('killed')
  expect(copy.kept).toEqual([1, 2, 3])
  await catchUp(copy)
  expect(copy.kept).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})
