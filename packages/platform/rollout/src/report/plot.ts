/** A line of a plot. */
export interface Line {
  readonly name: string
  readonly color: string
  readonly points: readonly (readonly [x: number, y: number])[]
  readonly dashed?: boolean
}

/** What a plot shows. */
export interface Plot {
  readonly title: string
  readonly x: string
  readonly y: string
  readonly lines: readonly Line[]
  /** Lines across, such as a threshold. */
  readonly marks?: readonly { readonly name: string; readonly y: number }[]
}

const width = 720
const height = 240
const margin = { left: 56, right: 12, top: 24, bottom: 32 }

/** A plot as SVG that needs nothing else. */
export function svgOf({ title, x, y, lines, marks = [] }: Plot): string {
  const all = lines.flatMap(({ points }) => points).filter(([, value]) => Number.isFinite(value))
  const xs = all.map(([value]) => value)
  const ys = [...all.map(([, value]) => value), ...marks.map((mark) => mark.y)]
  const [left, right] = [Math.min(0, ...xs), Math.max(1, ...xs)]
  const ticks = ticksOf(Math.min(0, ...ys), Math.max(...ys, 0))
  const [bottom, top] = [ticks[0]!, ticks.at(-1)!]
  const atX = (value: number) =>
    margin.left + ((value - left) / (right - left)) * (width - margin.left - margin.right)
  const atY = (value: number) =>
    height - margin.bottom - ((value - bottom) / (top - bottom || 1)) * (height - margin.top - margin.bottom)
  const number = (value: number) => String(Number(value.toFixed(1)))
  const path = (points: Line['points']) =>
    points
      .filter(([, value]) => Number.isFinite(value))
      .map(([px, py], index) => `${index ? 'L' : 'M'}${number(atX(px))} ${number(atY(py))}`)
      .join('')
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">
<text x="${margin.left}" y="14" class="title">${escapeHtml(title)} <tspan class="in">in ${escapeHtml(y)}</tspan></text>
${ticks.map((value) => `<line x1="${margin.left}" x2="${width - margin.right}" y1="${number(atY(value))}" y2="${number(atY(value))}" class="grid"/><text x="${margin.left - 6}" y="${number(atY(value) + 4)}" class="y">${label(value)}</text>`).join('\n')}
${ticksOf(left, right)
  .filter((value) => value <= right)
  .map(
    (value) =>
      `<text x="${number(atX(value))}" y="${height - margin.bottom + 16}" class="x">${label(value)}</text>`,
  )
  .join('\n')}
<text x="${width - margin.right}" y="${height - 4}" class="unit">${escapeHtml(x)}</text>
${marks.map((mark) => `<line x1="${margin.left}" x2="${width - margin.right}" y1="${number(atY(mark.y))}" y2="${number(atY(mark.y))}" class="mark"/><text x="${width - margin.right}" y="${number(atY(mark.y) - 4)}" class="unit">${escapeHtml(mark.name)}</text>`).join('\n')}
${lines.map((line) => `<path d="${path(line.points)}" stroke="${line.color}"${line.dashed ? ' stroke-dasharray="4 3"' : ''}/>`).join('\n')}
</svg>
<p class="legend">${lines.map((line) => `<span style="color:${line.color}">&#9632;</span> ${escapeHtml(line.name)}`).join(' &nbsp; ')}</p>`
}

/** Round numbers from at most `low` to at least `high`. */
export function ticksOf(low: number, high: number): number[] {
  const span = high - low || 1
  const power = 10 ** Math.floor(Math.log10(span / 4))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => span / each <= 5)!
  const first = Math.floor(low / step + 1e-9)
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9))
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  )
}

function label(value: number): string {
  return Math.abs(value) >= 10_000 ? `${value / 1000}k` : String(value)
}

/** Text as HTML has it. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
