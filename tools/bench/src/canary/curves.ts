import type { InformationBound } from '@atlas/rollout'
import type { CellOutcomes, JudgeName } from './run-cell.ts'

const judges: readonly JudgeName[] = ['Atlas', 'Flagger', 'Argo Rollouts', 'Kayenta']
const minutes = Array.from({ length: 11 }, (_, minute) => minute)

/** How many bad releases are found by when, and how many requests they answer, as charts. */
export function curvesOf(
  results: readonly CellOutcomes[],
  boundOf: (result: CellOutcomes) => InformationBound,
): string {
  return results
    .map((result) => {
      const { name, rps, failureRate } = result.cell.scenario
      const title = `${name}, ${rps} requests a second, ${failureRate * 100} % failing`
      const found = (judge: JudgeName) =>
        minutes.map((minute) => {
          const outcomes = result.outcomes[judge]
          const share =
            outcomes.filter(({ decision, seconds }) => decision === 'roll back' && seconds <= minute * 60)
              .length / outcomes.length
          return Math.round(share * 100)
        })
      const { seconds } = boundOf(result)
      return `\`\`\`mermaid
xychart-beta
  title "Found, in percent: ${title}"
  x-axis "minutes" [${minutes.join(', ')}]
  y-axis "percent" 0 --> 100
${judges.map((judge) => `  line "${judge}" [${found(judge).join(', ')}]`).join('\n')}
\`\`\`

| found after minutes | ${minutes.join(' | ')} |
| --- |${minutes.map(() => ' --- |').join('')}
${judges.map((judge) => `| ${judge} | ${found(judge).join(' % | ')} % |`).join('\n')}

On average nobody can know before ${seconds === undefined ? 'the ramp ends' : `${Math.round(seconds)} s`}.`
    })
    .join('\n\n')
}
