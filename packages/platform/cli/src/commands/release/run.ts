import { type RunEvent, runRelease, webhookNotifier } from '@atlas/release'
import { exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { findRoot } from '../../workspace/find-root.ts'
import { explained } from './explained.ts'
import { registriesOf } from './registries.ts'
import { making } from './releasing.ts'

/** Options of `atlas release run`. */
export interface RunCommandOptions {
  readonly cwd: string
  readonly npm?: string
  readonly registry?: string
  readonly dryRun: boolean
  readonly tests: boolean
  readonly webhook: readonly string[]
  readonly json: boolean
}

/** `atlas release run`. */
export function runCommand(options: RunCommandOptions, output: Output): Promise<number> {
  const { cwd, dryRun, tests, webhook, json } = options
  return explained(async () => {
    const root = await findRoot(cwd)
    const registries = dryRun ? { npm: '', oci: '' } : await registriesOf(root, options)
    const { held, stopped } = await runRelease(root, {
      registries,
      publishing: making,
      dryRun,
      tests,
      notifiers: webhook.map((url) => webhookNotifier(url)),
      onEvent: (event) => {
        if (json) output.print(JSON.stringify(event))
        else for (const line of linesOf(event)) output.note(line)
      },
    })
    return held.length + stopped.length > 0 && !dryRun ? exitCode.held : exitCode.done
  })
}

/** What a run says, for people. */
export function linesOf(event: RunEvent): string[] {
  switch (event.event) {
    case 'resumed':
      return [`going on with ${event.what}`]
    case 'planned':
      return event.releases.map(
        ({ package: name, to, certain }) =>
          `planned ${name} ${to}${certain ? '' : ', if its bundle differs'}`,
      )
    case 'held':
      return [`held: ${event.held.servlet}`, ...event.held.steps.map((step) => `    ${step}`)]
    case 'bundling':
      return [`bundling ${event.servlet}`]
    case 'testing':
      return [`testing ${event.package}`]
    case 'cut':
      return event.releases.length === 0
        ? ['nothing to release']
        : event.releases.map(({ package: name, to }) => `cut ${name} ${to}`)
    case 'published':
      return [`wave ${event.wave}: ${event.release.package} ${event.release.version} is published`]
    case 'locked':
      return [`wave ${event.wave}: ${event.environment} gets ${event.servlets.join(', ')}`]
    case 'stopped':
      return [`${event.environment} keeps its ${event.servlet}: ${event.why}`]
    case 'told':
      return [`told ${event.owner}`]
    case 'not-told':
      return [`could not tell ${event.owner}: ${event.why}`]
    case 'done':
      return [`${event.published} published, ${event.held} held, ${event.stopped} stopped`]
  }
}
