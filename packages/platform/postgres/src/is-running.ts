/** Whether a process of this machine runs, be it somebody else's. What is no number of a process does not. */
export function isRunning(pid: number): boolean {
  // 0 and negative numbers name groups of processes.
  if (!(pid > 0)) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
