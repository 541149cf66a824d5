import { beforeAll, describe, expect, it } from 'vitest'
import { vault } from '../golden/vault.ts'
import { interfaceOf } from '../interface-of.ts'
import { compare } from './compare.ts'
import { type BufFinding, bufBreaking } from './fixtures/buf.ts'
import { orders } from './fixtures/orders.ts'
import { type ProtoEdit, protoEdits } from './fixtures/proto-edits.ts'

interface Judged extends ProtoEdit {
  readonly buf: readonly BufFinding[]
  /** Whether the comparison says that somebody may be hurt, in either direction: buf does not tell them apart. */
  readonly isReported: boolean
}

/** Of each kind of edit, as many as show it, spread over the documents; all 3,000 take minutes. */
const ofEachKind = 6

let judged: Judged[] = []

beforeAll(async () => {
  const all = [orders, vault].flatMap((contract) => {
    const before = interfaceOf(contract)
    return protoEdits(before).map((edit) => ({ ...edit, before }))
  })
  const edits = [...Map.groupBy(all, ({ kind }) => kind).values()].flatMap((group) => {
    const step = Math.ceil(group.length / ofEachKind)
    return group.filter((_, index) => index % step === 0)
  })
  const found = await bufBreaking(edits.map(({ before, after }) => [before, after]))
  judged = edits.map(({ before, ...edit }, index) => ({
    ...edit,
    buf: found[index]!,
    isReported: compare(before, edit.after).changes.some(
      ({ severity }) => severity === 'breaking' || severity === 'possibly-breaking',
    ),
  }))
}, 600_000)

/** The kinds of the edits that are left. */
function kindsOf(edits: readonly Judged[]): string[] {
  return [...new Set(edits.map(({ kind }) => kind))].sort()
}

describe('the comparison beside buf breaking, over edits of .proto files', () => {
  it('sees every break that buf sees', () => {
    const reported = judged.filter(({ buf }) => buf.length > 0)
    expect(
      reported
        .filter(({ isReported }) => !isReported)
        .map(({ kind, where, buf }) => `${kind} ${where}: ${buf[0]!.rule} ${buf[0]!.message}`),
    ).toEqual([])
    expect(reported.length).toBeGreaterThan(450)
    // Many rules, not one again and again.
    expect(new Set(reported.flatMap(({ buf }) => buf.map(({ rule }) => rule))).size).toBeGreaterThan(10)
  })

  it('sees breaks that buf does not look for: methods that are gone, fields that callers count on, values they refuse', () => {
    const kinds = kindsOf(judged.filter(({ buf, isReported }) => isReported && buf.length === 0))
    expect(kinds).toEqual(
      expect.arrayContaining([
        'enum value added',
        'field removed',
        'made optional',
        'made required',
        'method removed',
        'method taken off gRPC',
        'retyped int64 to int32',
      ]),
    )
  })

  it('lets pass what buf lets pass where nobody is hurt', () => {
    const kinds = kindsOf(judged.filter(({ buf, isReported }) => !isReported && buf.length === 0))
    expect(kinds).toEqual(['field added', 'field removed', 'field renamed'])
  })
})
