import { Writable } from 'node:stream'
import { AtlasError } from '@atlas/contract'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TraceContext } from '../tracing/trace-context.ts'
import { type JsonLoggerOptions, jsonLogger, type LogLevel, logLevels } from './json-logger.ts'
import { streamSink } from './line-sink.ts'

function logged(options: Partial<JsonLoggerOptions> = {}) {
  const lines: string[] = []
  const levels: LogLevel[] = []
  const log = jsonLogger({
    sink: { write: (line) => void lines.push(line), flush() {}, dropped: 0 },
    level: 'debug',
    fields: { servlet: 'files' },
    trace: () => undefined,
    counted: (level) => void levels.push(level),
    ...options,
  })
  return { log, lines, levels, last: () => JSON.parse(lines.at(-1)!) }
}

describe('a line', () => {
  it('is one object of JSON, whatever it is told', () => {
    const hostile = fc.constantFrom<unknown>(
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('no')
          },
        },
      ),
      {
        get secret() {
          throw new Error('no')
        },
      },
      {
        toJSON: () => {
          throw new Error('no')
        },
      },
      Object.assign(new Error('x'), {
        get name() {
          return 1n
        },
      }),
      new Map<unknown, unknown>([
        [{}, 1n],
        ['__proto__', 2],
      ]),
      new Set([Symbol('x'), () => {}]),
      Object.create(null),
    )
    const value = fc.oneof(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
        withNullPrototype: true,
      }),
      hostile,
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.dictionary(fc.string(), value), (message, fields) => {
        const { log, lines, last } = logged()
        log.info(message, fields)
        expect(lines).toHaveLength(1)
        expect(lines[0]!.indexOf('\n')).toBe(lines[0]!.length - 1)
        expect(last()).toMatchObject({ level: 'info', message: message.toWellFormed(), servlet: 'files' })
      }),
    )
  })

  it('says when, and has the fields after what all lines have', () => {
    const { log, last, lines } = logged()
    log.warn('slow', { ms: 12.5, path: '/a', missing: undefined, nested: { list: [1, null, undefined] } })
    expect(last()).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      level: 'warn',
      servlet: 'files',
      message: 'slow',
      ms: 12.5,
      path: '/a',
      nested: { list: [1, null, null] },
    })
    expect(Math.abs(Date.parse(last().time) - Date.now())).toBeLessThan(5000)
    expect(lines[0]).toMatch(/^\{"time":/)
  })

  it('keeps its own names', () => {
    const { log, last } = logged()
    log.info('x', { level: 'mine', servlet: 'mine', trace_id: 'mine', __proto__x: 1 })
    expect(last()).toMatchObject({
      level: 'info',
      servlet: 'files',
      _level: 'mine',
      _servlet: 'mine',
      _trace_id: 'mine',
    })
  })

  it('has the ids of the trace, as hex', () => {
    const trace = new TraceContext()
    trace.beginTrace(1, 2, false)
    const { log, last } = logged({ trace: () => trace })
    log.info('x')
    expect(last()).toMatchObject({ trace_id: trace.traceId, span_id: trace.spanId })
    expect(trace.traceId).toMatch(/^[0-9a-f]{16}0000000100000002$/)
  })

  it('is written from its level on, and counted', () => {
    for (const [index, level] of logLevels.entries()) {
      const { log, lines, levels } = logged({ level })
      for (const each of logLevels) log[each]('x')
      expect(levels).toEqual(logLevels.slice(index))
      expect(lines.map((line) => JSON.parse(line).level)).toEqual(logLevels.slice(index))
    }
  })
})

describe('values', () => {
  it('that are errors are written with all their causes', () => {
    const { log, last } = logged()
    const first = Object.assign(new TypeError('disk'), { code: 'EIO', cause: 'heat' })
    const all = new AggregateError([new Error('one'), 2], 'both', { cause: first })
    log.error('failed', { error: new AtlasError('internal', 'internal error', { cause: all }) })
    expect(last().error).toMatchObject({
      type: 'AtlasError',
      message: 'internal error',
      stack: expect.stringContaining('json-logger.test.ts'),
      code: 'internal',
      cause: {
        type: 'AggregateError',
        message: 'both',
        errors: [{ message: 'one' }, 2],
        cause: { type: 'TypeError', message: 'disk', code: 'EIO', cause: 'heat' },
      },
    })
  })

  it('that are bodies are not written', () => {
    const { log, lines, last } = logged()
    const secret = Buffer.from('hunter2')
    log.info('x', { bytes: secret, view: new DataView(secret.buffer), stream: new Blob([secret]).stream() })
    expect(last()).toMatchObject({ bytes: '[7 bytes]', stream: '[ReadableStream]' })
    expect(lines[0]).not.toContain(secret.toString('base64').slice(0, 6))
  })

  it('that do not end are cut', () => {
    const { log, lines, last } = logged()
    const round: Record<string, unknown> = {}
    round.self = [round]
    let deep: unknown = 1
    for (let level = 0; level < 10_000; level += 1) deep = { deep }
    const wide: unknown[] = []
    wide.push(...new Array(150).fill(new Array(150).fill(new Array(150).fill('x'))))
    log.info('x', { round, deep, wide, long: 'y'.repeat(1e6), many: new Array(1e5).fill(1) })
    expect(last().round).toEqual({ self: ['[circular]'] })
    expect(last().long).toMatch(/^y{16384}\[983616 more\]$/)
    expect(last().many).toHaveLength(200)
    expect(lines[0]!.length).toBeLessThan(40_000)
  })
})

describe('a sink', () => {
  const collecting = (highWaterMark = 1e9) => {
    const chunks: string[] = []
    let take = () => {}
    const stream = new Writable({
      highWaterMark,
      decodeStrings: false,
      write(chunk, _encoding, done) {
        chunks.push(chunk)
        take = done
      },
    })
    return { chunks, stream, take: () => take() }
  }

  it('writes the lines of one turn at once, in order', async () => {
    const { chunks, stream, take } = collecting()
    const sink = streamSink(stream)
    for (const line of ['a\n', 'b\n', 'c\n']) sink.write(line)
    expect(chunks).toEqual([])
    await new Promise(setImmediate)
    expect(chunks).toEqual(['a\nb\nc\n'])
    take()
    sink.write('d\n')
    sink.flush()
    expect(chunks.join('')).toBe('a\nb\nc\nd\n')
  })

  it('loses lines rather than memory when nobody reads, and counts them', () => {
    const { stream } = collecting()
    const sink = streamSink(stream)
    const line = `${'x'.repeat(1000)}\n`
    for (let index = 0; index < 50_000; index += 1) sink.write(line)
    expect(sink.dropped).toBeGreaterThan(30_000)
    expect(stream.writableLength).toBeLessThan(10 * 1024 * 1024)
  })
})
