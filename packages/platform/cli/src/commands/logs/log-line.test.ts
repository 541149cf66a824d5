import { describe, expect, it } from 'vitest'
import { formatLogLine, parseLogLine } from './log-line.ts'

const format = (line: object) => formatLogLine(parseLogLine(JSON.stringify(line), 'files')!)
const time = '2026-11-25T10:00:00.123Z'

describe('a log line', () => {
  it('has time, servlet, level, message and fields', () => {
    expect(format({ time, level: 'warn', message: 'swept', removed: 3, under: 'a b' })).toMatch(
      /^\d\d:\d\d:00\.123 files warn swept removed=3 under='a b'$/,
    )
  })

  it('of a request is short, with why where it was refused', () => {
    const request = { time, level: 'info', servlet: 'greeter', message: 'request', method: 'GET', path: '/x' }
    expect(format({ ...request, endpoint: 'greet', status: 200, durationMs: 1.26, trace_id: 'ab' })).toMatch(
      / greeter GET \/x 200 1\.3 ms$/,
    )
    const error = { code: 'not_found', message: 'no\nsuch' }
    expect(format({ ...request, status: 404, durationMs: 1, error })).toMatch(
      /404 1\.0 ms not_found: no such$/,
    )
  })

  it('shows the stack of an error below, and nothing that moves the cursor', () => {
    const error = { message: 'x', stack: 'Error: x\n    at \u001b[2Jy' }
    expect(format({ time, level: 'error', message: 'a\nb', error })).toMatch(
      / error a b\n {4}Error: x\n {4} {4}at {2}\[2Jy$/,
    )
  })

  it.each(['', '{"time":"2026', 'null', '[]', '{}', '{"time":"yesterday"}', '7'])('is not %s', (text) => {
    expect(parseLogLine(text, 'files')).toBeUndefined()
  })
})
