import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compare, importOpenApi } from '@atlas/interface'
import { expect, it } from 'vitest'
import { disagreementsOf } from './disagreements.ts'
import { keptDisagreements } from './kept.ts'
import type { Step } from './timings.ts'

const described = (type: string) =>
  ({
    openapi: '3.0.3',
    components: {},
    paths: {
      '/a': {
        get: {
          tags: ['x'],
          operationId: 'x/a',
          responses: { 200: { content: { 'application/json': { schema: { type } } } } },
        },
      },
    },
  }) as never

function version(name: string, type: string): Step['from'] {
  const servlets = new Map(importOpenApi(described(type)).map((each) => [each.name, each]))
  return { version: name, description: described(type), servlets, importSeconds: 1 }
}

function step(findings: NonNullable<Step['oasdiff']>['findings'], ms: number): Step {
  const [from, to] = [version('1', 'string'), version('2', 'integer')]
  const comparison = compare(from.servlets.get('x')!.document, to.servlets.get('x')!.document)
  const buf = { seconds: ms, reported: new Set<string>() }
  return {
    from,
    to,
    compared: new Map([['x', { comparison, ms }]]),
    onGrpc: [],
    buf,
    oasdiff: { seconds: ms, findings },
  }
}

it('tells classes again when what they follow from differs, and not when only times do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-bench-kept-'))
  try {
    let times = 0
    const told = (each: Step) =>
      keptDisagreements(
        each,
        () => {
          times++
          return disagreementsOf(each)
        },
        folder,
      )
    const first = await told(step([], 1))
    expect(first).toMatchObject({ both: 0, atlasOnly: 1, oasdiffOnly: 0, rows: [{ case: 'GET /a' }] })
    expect(await told(step([], 2))).toEqual(first)
    expect(times).toBe(1)
    const finding = { id: 'one', level: 3, operation: 'GET', path: '/a', text: '' }
    expect(await told(step([finding], 1))).toMatchObject({ both: 1, atlasOnly: 0 })
    expect(times).toBe(2)
  } finally {
    await rm(folder, { recursive: true })
  }
})
