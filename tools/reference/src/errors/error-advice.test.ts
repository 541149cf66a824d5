import { expect, it } from 'vitest'
import { platformErrors } from '../sources/platform-errors.ts'
import { errorAdvice } from './error-advice.ts'

it('has advice for every error that the sources make, and for no other', async () => {
  const made = (await platformErrors()).map(({ code, message }) => `${code} ${message}`)
  const described = errorAdvice.flatMap(({ errors }) => errors.map(({ error }) => error))
  expect([...described].sort()).toEqual([...made].sort())
})
