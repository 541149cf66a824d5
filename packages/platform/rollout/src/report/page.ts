import { powerSentence } from '../planning/power.ts'
import { escapeHtml, svgOf } from './plot.ts'
import type { CanaryRecord, Moment } from './record.ts'

const colors = ['#1f5fbf', '#c2410c', '#15803d', '#7e22ce', '#b45309', '#0e7490', '#be123c', '#4d7c0f']

/** A verdict as one page that needs nothing else: what was compared, the evidence over time, and what would have changed it. */
export function reportPage(record: CanaryRecord): string {
  const { servlet, release, replaces, verdict, settings, moments, findings } = record
  const heading = `${servlet} ${release}: ${verdict.kind}`
  const threshold = -Math.log10(settings.alpha)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(heading)}</title>
<style>${style}</style>
<main>
<h1>${escapeHtml(heading)}</h1>
<p class="verdict ${verdict.kind.replaceAll(' ', '-')}">${escapeHtml(sentenceOf(record))}</p>
<p>${escapeHtml(capital(record.whatWouldChange))}.</p>
<dl>
<dt>Release</dt><dd>${escapeHtml(release)}, in the place of ${escapeHtml(replaces)}</dd>
<dt>Started</dt><dd>${escapeHtml(record.startedAt)}</dd>
<dt>Judged for</dt><dd>${clock(record.seconds)}</dd>
<dt>Requests exposed</dt><dd>${record.exposedRequests}</dd>
<dt>Said before the start</dt><dd>${escapeHtml(powerSentence(record.power))}</dd>
</dl>
<h2>Evidence</h2>
${svgOf({
  title: 'Evidence that the canary is worse',
  x: 'seconds',
  y: 'powers of ten',
  lines: [
    { name: 'all together', color: '#111827', points: decimal(moments, ({ logEvidence }) => logEvidence) },
    ...findings.map(({ metric }, index) => ({
      name: metric,
      color: colors[index % colors.length]!,
      dashed: true,
      points: decimal(moments, ({ byMetric }) => Math.max(byMetric[metric] ?? 0, -2 * Math.LN10)),
    })),
  ],
  marks: [{ name: `roll back: ${Math.round(1 / settings.alpha)} to 1`, y: threshold }],
})}
<h2>What was compared</h2>
${svgOf({
  title: 'Failures',
  x: 'seconds',
  y: 'percent',
  lines: [
    { name: 'canary', color: colors[1]!, points: rates(moments, 'canary') },
    { name: 'control', color: colors[0]!, points: rates(moments, 'control') },
  ],
})}
${svgOf({
  title: "The canary's share of the requests",
  x: 'seconds',
  y: 'percent',
  lines: [
    { name: 'share', color: colors[2]!, points: moments.map(({ second, share }) => [second, share * 100]) },
  ],
})}
<table>
<tr><th>metric<th>canary<th>control<th>evidence it is worse<th>evidence it is not ${settings.toleratedRatio} times worse<th>may use<th>clustering</tr>
${findings
  .map(
    ({ metric, canary, control, logEvidence, logHarmless, weight, dispersion }) =>
      `<tr><td>${escapeHtml(metric)}<td>${count(canary)}<td>${count(control)}<td>${evidence(logEvidence)}<td>${logHarmless === undefined ? '' : evidence(logHarmless)}<td>${Number((weight * 100).toFixed(1))} %<td>${dispersion.toFixed(2)}</tr>`,
  )
  .join('\n')}
</table>
<p>Evidence of ${Math.round(1 / settings.alpha)} to 1, all metrics together by their weights, rolls back; of a release that is no worse, at
most ${Number((settings.alpha * 100).toPrecision(3))} % ever get there, however often one looks. Clustering is by how much more failures vary
between pods that run the same code than independent ones would.</p>
${qualityOf(record)}
<details><summary>All of it as JSON</summary><pre>${escapeHtml(JSON.stringify(record, null, 1))}</pre></details>
</main>
</html>
`
}

/** A verdict as one sentence. */
export function sentenceOf({ verdict }: Pick<CanaryRecord, 'verdict'>): string {
  switch (verdict.kind) {
    case 'roll back':
      return `Rolled back: ${verdict.reason}.`
    case 'promote':
      return `Promoted: ${verdict.reason}.`
    case 'not enough evidence':
      return `Not enough evidence (${verdict.action}): ${verdict.reason}.`
    case 'continue':
      return `Not over yet: ${verdict.reason}.`
  }
}

function qualityOf({ quality }: CanaryRecord): string {
  if (!quality) return ''
  const skipped = Object.entries(quality.skipped).map(([reason, times]) => `${times} times ${reason}`)
  return `<h2>What was left out</h2>
<p>${quality.ticks} of ${quality.scrapes} readings were used${skipped.length > 0 ? `; ${escapeHtml(skipped.join('; '))}` : ''}. Counters began
again ${quality.resets} times; ${quality.unreadablePods} readings of pods were no numbers.</p>`
}

function decimal(moments: readonly Moment[], of: (moment: Moment) => number): [number, number][] {
  return moments.map((moment) => [moment.second, of(moment) / Math.LN10])
}

/** Rates over some seconds: of single ones there is not much to see. */
function rates(moments: readonly Moment[], arm: 'canary' | 'control'): [number, number][] {
  const size = Math.max(1, Math.ceil(moments.length / 60))
  const points: [number, number][] = []
  for (let index = 0; index < moments.length; index += size) {
    const part = moments.slice(index, index + size)
    const total = (of: 'requests' | 'failures') => part.reduce((sum, moment) => sum + moment[arm][of], 0)
    if (total('requests') > 0)
      points.push([part.at(-1)!.second, (100 * total('failures')) / total('requests')])
  }
  return points
}

function evidence(log: number): string {
  if (log < Math.log(1.05) && log > -Math.log(1.05)) return '1'
  const digits = Math.abs(log) / Math.LN10
  const size =
    digits >= 6
      ? `10<sup>${Math.floor(digits)}</sup>`
      : String(Number(Math.exp(Math.abs(log)).toPrecision(3)))
  return log > 0 ? `${size} to 1` : `1 to ${size}`
}

function count(value: number): string {
  return value.toLocaleString('en')
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const style = `
body{font:15px/1.5 system-ui,sans-serif;color:#111827;margin:0}main{max-width:760px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
.verdict{padding:.7rem 1rem;border-left:4px solid #6b7280;background:#f3f4f6}.roll-back{border-color:#b91c1c;background:#fef2f2}
.promote{border-color:#15803d;background:#f0fdf4}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{color:#4b5563}dd{margin:0}
table{border-collapse:collapse;width:100%;font-size:13px}th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #e5e7eb}
svg{width:100%;height:auto}svg path{fill:none;stroke-width:1.6}svg text{font-size:11px;fill:#4b5563}svg .title{font-weight:600;fill:#111827}svg .in{font-weight:400;fill:#4b5563}
.grid{stroke:#e5e7eb}.mark{stroke:#b91c1c;stroke-dasharray:6 3}.y{text-anchor:end}.x{text-anchor:middle}.unit{text-anchor:end}
.legend{font-size:12px;color:#374151;margin:.2rem 0 1rem}pre{font-size:11px;overflow:auto;max-height:30rem}
`
