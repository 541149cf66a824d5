import { nearest } from '@atlas/manifest'
import { CommandError, exitCode } from './exit-code.ts'

/** `; did you mean 'web'?`, or which there are, or what to do where there are none. */
export function suggestion(name: string, candidates: readonly string[], none = ''): string {
  if (candidates.length === 0) return none === '' ? '' : `; ${none}`
  const close = nearest(name, candidates)
  if (close !== undefined) return `; did you mean '${close}'?`
  const shown = candidates.slice(0, 12)
  return `; there are ${shown.join(', ')}${candidates.length > shown.length ? ' and others' : ''}`
}

/** @throws CommandError with what was probably meant, when a name is not one of the candidates */
export function mustBeOneOf(what: string, name: string, candidates: readonly string[], none?: string): void {
  if (!candidates.includes(name))
    throw new CommandError(
      `there is no ${what} '${name}'${suggestion(name, candidates, none)}`,
      exitCode.usage,
    )
}
