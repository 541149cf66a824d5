import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'

/** The beginning of a file. */
export interface Excerpt {
  readonly name: string
  readonly contentType: string
  readonly bytes: Uint8Array
  /** Whether there is more of it. */
  readonly cut: boolean
}

/**
 * A page that shows an excerpt; undefined where nothing can be shown. Files are written by people who may want to run
 * something in the browsers of others, so everything is escaped: micromark leaves out HTML and dangerous links by default.
 */
export function render(excerpt: Excerpt): string | undefined {
  const inside = insideOf(excerpt)
  if (inside === undefined) return undefined
  const more = excerpt.cut ? '<p>…</p>' : ''
  return `<!doctype html><meta charset="utf-8"><title>${escaped(excerpt.name)}</title>${inside}${more}\n`
}

function insideOf({ name, contentType, bytes, cut }: Excerpt): string | undefined {
  const [type = ''] = contentType.toLowerCase().split(';', 1)
  // An image inside an <img> runs nothing, an SVG neither; half of one shows nothing.
  if (type.startsWith('image/') && !cut) return imageOf(type, name, bytes)
  const text = textOf(bytes, cut)
  if (text === undefined) return undefined
  if (type === 'text/markdown' || /\.(md|markdown)$/i.test(name))
    return micromark(text, { extensions: [gfm()], htmlExtensions: [gfmHtml()] })
  if (type === 'text/csv' || /\.csv$/i.test(name)) return tableOf(text)
  return `<pre>${escaped(text)}</pre>`
}

function imageOf(type: string, name: string, bytes: Uint8Array): string {
  const data = Buffer.from(bytes).toString('base64')
  return `<img src="data:${escaped(type)};base64,${data}" alt="${escaped(name)}">`
}

/** The text, without the half of a character that a cut leaves at its end; undefined for what is no text. */
function textOf(bytes: Uint8Array, cut: boolean): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut })
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

const mostRows = 50

/** Comma-separated values, quoted where they have commas (RFC 4180). */
function tableOf(text: string): string {
  const rows = rowsOf(text).slice(0, mostRows)
  const cells = rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`)
  return `<table>${cells.join('')}</table>`
}

/** A cell, quoted or not, and what ends it. */
const cellPattern = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/y

function rowsOf(text: string): string[][] {
  const rows: string[][] = [[]]
  cellPattern.lastIndex = 0
  for (let match = cellPattern.exec(text); match; match = cellPattern.exec(text)) {
    const [, quoted, plain = '', end] = match
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === '' || cellPattern.lastIndex >= text.length) break
    if (end !== ',') rows.push([])
  }
  return rows
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
