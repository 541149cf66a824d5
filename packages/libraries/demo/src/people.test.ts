import { expect, test } from 'vitest'
import { people } from './index.ts'

test('everybody has an address of their own, at a domain that nobody can own', () => {
  const emails = Object.values(people).map(({ email }) => email)
  expect(new Set(emails).size).toBe(emails.length)
  for (const email of emails) expect(email).toMatch(/@acme\.example$/)
})
