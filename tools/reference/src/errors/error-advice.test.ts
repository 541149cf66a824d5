import { expect, it } from 'vitest'
import { platformErrors } from '../sources/platform-errors.ts'
import { errorAdvice } from './error-advice.ts'

const described = errorAdvice.flatMap(({ errors }) => errors.map(({ error }) => error))

it('has advice for every error that the sources make', async () => {
  const made = (await platformErrors()).map(({ code, message, file }) => ({
    error: `${code} ${message}`,
    file,
  }))
  expect(made.length).toBeGreaterThan(20)
  const without = made.filter(({ error }) => !described.includes(error))
  expect(without, 'add these to src/errors/situations').toEqual([])
})

it('has no advice for errors that no source makes', async () => {
  const made = new Set((await platformErrors()).map(({ code, message }) => `${code} ${message}`))
  expect(
    described.filter((error) => !made.has(error)),
    'correct these in src/errors/situations',
  ).toEqual([])
  expect(new Set(described).size).toBe(described.length)
})
