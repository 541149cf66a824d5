import { type Placement, PlacementError, readPlacement } from '@atlas/provision'
import { CommandError } from '../exit-code.ts'
import { mustBeOneOf } from '../suggest.ts'

/**
 * What should run in an environment.
 *
 * @throws CommandError with file, field and remedy
 */
export async function readEnvironment(root: string, name: string): Promise<Placement> {
  return refusing(() => readPlacement(root, name))
}

/** The servlets that a command is about: those named, or all that the lock names. @throws CommandError for a name that is not among them */
export function chosen(placement: Placement, named: readonly string[]): readonly string[] {
  for (const name of named) mustBeOneOf('servlet', name, placement.servlets)
  return named.length > 0 ? [...new Set(named)].sort() : placement.servlets
}

/** Errors of files that people write are for people: no stack. */
export async function refusing<T>(run: () => T | Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof PlacementError) throw new CommandError(error.message)
    throw error
  }
}
