import { expect, it } from 'vitest'
import { cases } from '../cases.ts'
import { checkLoad, type Subject } from './subject.ts'

const subject: Subject = {
  case: cases[0]!,
  server: { port: 1, pid: process.pid, stop: async () => {} },
}
const right = { requests: 10_000, seconds: 1, notSuccessful: 0, failed: 0, bytesPerAnswer: 500 }

it('counts a load whose answers are all right', () => {
  expect(() => checkLoad(subject, right, 500)).not.toThrow()
  expect(() => checkLoad(subject, { ...right, bytesPerAnswer: 500.5 }, 500)).not.toThrow()
})

it.each([
  [{ requests: 0, bytesPerAnswer: 0 }, 'answered nothing'],
  [{ notSuccessful: 1 }, 'of 10000 requests 1 were not answered with 2xx and 0 not at all'],
  [{ failed: 2 }, '0 were not answered with 2xx and 2 not at all'],
  [{ bytesPerAnswer: 505 }, 'answers have 505 bytes on average; a receipt has 500'],
  [{ bytesPerAnswer: 450 }, 'answers have 450 bytes on average; a receipt has 500'],
])('does not count one with %j', (wrong, message) => {
  expect(() => checkLoad(subject, { ...right, ...wrong }, 500)).toThrow(message)
})
