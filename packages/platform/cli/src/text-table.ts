import { styleText } from 'node:util'

/** A column of a table: its heading, and `end` where its cells are numbers. */
export interface Column {
  readonly heading: string
  readonly align?: 'start' | 'end'
}

/**
 * Lines of a table for people. Nothing is cut off, so that what is piped on is whole; the heading is dim on a
 * terminal, unless `NO_COLOR` forbids.
 */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const cells = [columns.map(({ heading }) => heading), ...rows.map((row) => row.map(oneLine))]
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => widthOf(row[at] ?? ''))))
  const lines = cells.map((row) =>
    columns
      .map(({ align }, at) => {
        const cell = row[at] ?? ''
        const space = ' '.repeat(widths[at]! - widthOf(cell))
        return align === 'end' ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd(),
  )
  return lines.map((line, index) => (index === 0 ? dim(line) : line))
}

/** Dims text where standard output shows colours. */
export function dim(text: string): string {
  return styleText('dim', text, { stream: process.stdout })
}

/** Control characters would break out of their cell. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ')
}

const segmenter = new Intl.Segmenter()

/** Characters as people count them. */
function widthOf(text: string): number {
  return [...segmenter.segment(text)].length
}
