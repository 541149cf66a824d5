import { AtlasError } from '@atlas/contract'
import type { RequestLog } from '@atlas/runtime'
import { expect, it } from 'vitest'
import { requestLine } from './request-line.ts'

const entry: RequestLog = {
  method: 'GET',
  path: '/greet/ada',
  servlet: 'greeter',
  endpoint: 'greet',
  status: 200,
  durationMs: 1.26,
  bytesIn: 0,
  bytesOut: 23,
  error: undefined,
}

it('has servlet, method, path, status and milliseconds', () => {
  expect(requestLine(entry)).toMatch(/^\S+ greeter GET \/greet\/ada 200 1\.3 ms$/)
})

it('says why a request was refused, and keeps it on one line', () => {
  const error = new AtlasError('not_found', 'no file\nhere')
  const refused = { ...entry, servlet: undefined, endpoint: undefined, path: '/x', status: 404, error }
  expect(requestLine(refused)).toMatch(/^\S+ - GET \/x 404 1\.3 ms not_found: no file here$/)
})
