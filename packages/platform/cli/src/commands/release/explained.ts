import { CommandError, exitCode } from '../../exit-code.ts'

/** Turns what may go wrong in a release into an exit code and one sentence. */
export async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CommandError || !(error instanceof Error)) throw error
    const {
      RegistryRefused,
      RegistryUnavailable,
      ReleaseConflict,
      ReleaseLocked,
      UndeclaredInput,
      UnplannableWorkspace,
    } = await import('@atlas/release')
    if (error instanceof RegistryUnavailable || error instanceof RegistryRefused)
      throw new CommandError(error.message, exitCode.outside)
    if (error instanceof ReleaseLocked) throw new CommandError(error.message, exitCode.held)
    if (
      error instanceof ReleaseConflict ||
      error instanceof UndeclaredInput ||
      error instanceof UnplannableWorkspace ||
      error.constructor === Error
    )
      throw new CommandError(error.message)
    if (['BundleError', 'BaseImageError', 'LockError', 'PackageError'].includes(error.name))
      throw new CommandError(error.message)
    throw error
  }
}
