import { AtlasError, codes, isCode } from '@atlas/contract'
import { describe, expect, it } from 'vitest'
import { errorStatus } from './status.ts'

function statusOf(
  error: AtlasError,
  details: Parameters<typeof errorStatus>[1] = [],
): Record<string, string> {
  const lines = errorStatus(error, details)
  return Object.fromEntries(
    Array.from({ length: lines.length / 2 }, (_, index) => [lines[2 * index], lines[2 * index + 1]]),
  )
}

describe('the status of an error', () => {
  it.each(Object.keys(codes))('has a number for %s', (code) => {
    if (!isCode(code)) throw new Error(code)
    expect(statusOf(new AtlasError(code, 'x'))['grpc-status']).toBe(String(codes[code].grpc))
  })

  it.each([
    { text: 'plain & simple, ~', encoded: 'plain & simple, ~' },
    { text: '100 %', encoded: '100 %25' },
    { text: 'Grüße\n', encoded: 'Gr%C3%BC%C3%9Fe%0A' },
    { text: '🙂\u0000', encoded: '%F0%9F%99%82%00' },
  ])('has the message $text as a header can have it', ({ text, encoded }) => {
    expect(statusOf(new AtlasError('aborted', text))['grpc-message']).toBe(encoded)
  })

  it('is small enough for a header, whatever it has to say', () => {
    const error = new AtlasError('aborted', 'é'.repeat(100_000))
    const lines = errorStatus(error, [{ type: 'a.B', value: Buffer.alloc(100_000) }])
    expect(lines.join('').length).toBeLessThan(20_000)
    expect(lines).not.toContain('grpc-status-details-bin')
    expect(statusOf(error, [{ type: 'a.B', value: Buffer.alloc(1) }])['grpc-status-details-bin']).toMatch(
      /^[A-Za-z0-9+/]+$/,
    )
  })
})
