import { open } from '@atlas/sdk/testing'
import { expect, test } from 'vitest'
import greeter from './servlet.ts'

test('greets', async () =>
  expect(await open(greeter).greet({ name: 'ada' })).toEqual({ message: 'Hello ada' }))
