import { stripVTControlCharacters } from 'node:util'
import type { Stream } from './children.ts'
import { type Counts, noTests, parsePackageLine, sum } from './counts.ts'

/** What nx's static output said about one task. */
interface Task {
  readonly project: string
  readonly target: string
  failed: boolean
  counts: Counts | undefined
}

const heading = /^> nx run (\S+):([^\s:]+)(?:\s+\[.*\])?$/
const failedTask = /^- (\S+):([^\s:]+)$/

/** Where one of the two streams is. */
interface Position {
  task: Task | undefined
  inFailedTasks: boolean
}

/**
 * Follows the output of `nx run-many --outputStyle=static` line by line. nx offers no report for programs, so this reads its
 * headings, its list of failed tasks (on stderr), and the line that each package's tests close with.
 */
export class NxOutput {
  readonly #tasks = new Map<string, Task>()
  readonly #positions: Record<Stream, Position> = {
    stdout: { task: undefined, inFailedTasks: false },
    stderr: { task: undefined, inFailedTasks: false },
  }

  /** Takes the next line of a stream. */
  line(text: string, stream: Stream = 'stdout'): void {
    const line = stripVTControlCharacters(text).trimEnd()
    const at = this.#positions[stream]
    const started = heading.exec(line)
    if (started) {
      at.task = this.#task(started[1]!, started[2]!)
      at.inFailedTasks = false
      return
    }
    // A task's output ends where nx speaks itself again.
    if (/^ NX {2}/.test(line)) at.task = undefined
    if (line === 'Failed tasks:' && !at.task) at.inFailedTasks = true
    else if (at.inFailedTasks && line !== '') {
      const failed = failedTask.exec(line)
      if (failed) this.#task(failed[1]!, failed[2]!).failed = true
      else at.inFailedTasks = false
    }
    const summary = parsePackageLine(line)
    if (summary && at.task?.target === 'test' && summary.name === at.task.project)
      at.task.counts = summary.counts
  }

  /**
   * Adds up once nx has exited: the tests, one failure for each failed task that did not count one itself (types, or tests
   * that crashed before they were counted), and one for tests that say nothing or for an nx that failed without saying why.
   */
  result(exitCode: number): { counts: Counts; failures: string[] } {
    const failures: string[] = []
    const perTask: Counts[] = []
    // Tasks end in any order; what is said about them should not.
    const tasks = [...this.#tasks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, task]) => task)
    for (const { project, target, failed, counts } of tasks) {
      if (counts) perTask.push(counts)
      if (counts && counts.failed > 0) failures.push(`${target} of ${project}: ${counts.failed} failed`)
      else if (failed) failures.push(`${target} of ${project} failed`)
      else if (target === 'test' && !counts) failures.push(`${target} of ${project} ended without a count`)
      else continue
      if (!counts?.failed) perTask.push({ ...noTests, failed: 1 })
    }
    if (exitCode !== 0 && failures.length === 0) {
      failures.push(`nx failed with exit code ${exitCode}`)
      perTask.push({ ...noTests, failed: 1 })
    }
    return { counts: sum(perTask), failures }
  }

  #task(project: string, target: string): Task {
    const id = `${project}:${target}`
    let task = this.#tasks.get(id)
    if (!task) {
      task = { project, target, failed: false, counts: undefined }
      this.#tasks.set(id, task)
    }
    return task
  }
}
