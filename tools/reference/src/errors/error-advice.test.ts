import { beforeAll, expect, it } from 'vitest'
import { type PlatformError, platformErrors } from '../sources/platform-errors.ts'
import { errorAdvice } from './error-advice.ts'

let errors: readonly PlatformError[]
beforeAll(async () => {
  errors = await platformErrors()
}, 120_000)

const described = errorAdvice.flatMap(({ errors }) => errors.map(({ error }) => error))

it('has advice for every error that the sources make', () => {
  const made = errors.map(({ code, message, file }) => ({
    error: `${code} ${message}`,
    file,
  }))
  expect(made.length).toBeGreaterThan(20)
  const without = made.filter(({ error }) => !described.includes(error))
  expect(without, 'add these to src/errors/situations').toEqual([])
})

it('has no advice for errors that no source makes', () => {
  const made = new Set(errors.map(({ code, message }) => `${code} ${message}`))
  expect(
    described.filter((error) => !made.has(error)),
    'correct these in src/errors/situations',
  ).toEqual([])
  expect(new Set(described).size).toBe(described.length)
})
