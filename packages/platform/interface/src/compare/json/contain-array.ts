import type { JsonSchema } from '../../json-schema.ts'
import type { Containment } from './contain.ts'
import { examples, type Gap, lifted } from './gap.ts'
import { itemAt, items } from './samples.ts'
import type { Limits } from './validate.ts'

/** What lists of the writer hold, or how many items they have, that the reader does not take. */
export function arrayGaps(writer: JsonSchema, reader: JsonSchema, sides: Containment): Gap[] {
  const [wrote, read] = [writer as Limits, reader as Limits]
  const least = wrote.minItems ?? 0
  const most = mostItems(writer)
  const found: Gap[] = []
  const listOf = (length: number, change: (list: unknown[]) => unknown[] = (list) => list): unknown => {
    const made = items(writer, sides.writer, 0, length)
    return made && change(made)
  }
  const count = (length: number, takes: string): void => {
    found.push({
      kind: 'count',
      path: '',
      writes: `send ${length} items`,
      takes: `only lists of ${takes} items`,
      candidates: examples(() => [listOf(length)]),
    })
  }
  if (read.minItems !== undefined && least < read.minItems)
    count(Math.min(most, read.minItems - 1), `at least ${read.minItems}`)
  const readMost = mostItems(reader)
  if (most > readMost) count(Math.max(least, readMost + 1), `at most ${readMost}`)
  if (read.uniqueItems && !wrote.uniqueItems && most > 1) {
    const twice = ([first, , ...rest]: unknown[]): unknown[] => [first, first, ...rest]
    found.push({
      kind: 'count',
      path: '',
      writes: 'send an item twice',
      takes: 'no item twice',
      candidates: examples(() => [listOf(Math.max(2, least), twice)]),
    })
  }
  const places = Math.max(writer.prefixItems?.length ?? 0, reader.prefixItems?.length ?? 0)
  for (let index = 0; index <= places && index < most; index++) {
    const [item, wanted] = [itemAt(writer, index), itemAt(reader, index)]
    if (item === undefined || wanted === undefined) break
    const step = index < places ? `[${index}]` : '[]'
    const place = (value: unknown): unknown => {
      const length = Math.max(least, index + 1)
      const list = wrote.uniqueItems && length > 1 ? undefined : listOf(length)
      if (Array.isArray(list)) return list.with(index, value)
      return length === 1 ? [value] : undefined
    }
    found.push(...lifted(sides.gaps(item, wanted), step, place))
  }
  return found
}

function mostItems(schema: JsonSchema): number {
  const { maxItems = Number.POSITIVE_INFINITY } = schema as Limits
  return schema.items === false ? Math.min(maxItems, schema.prefixItems?.length ?? 0) : maxItems
}
