import { AtlasError, type Code, codes } from '@atlas/contract'
import { expect, it } from 'vitest'
import { outcomeOf } from './outcome.ts'

it('counts answers and passed deadlines, and no other errors', () => {
  expect(outcomeOf(undefined)).toBe('served')
  for (const code of Object.keys(codes) as Code[])
    expect(outcomeOf(new AtlasError(code, ''))).toBe(code === 'deadline_exceeded' ? 'timed-out' : 'ignored')
})
