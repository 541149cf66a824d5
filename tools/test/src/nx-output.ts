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
const listedProject = /^- (\S+)$/
const failedTask = /^- (\S+):([^\s:]+)$/

/**
 * Follows the output of `nx run-many --outputStyle=static` line by line. nx offers no report for programs, so this reads its list
 * of projects, the headings of tasks, the line that each package's tests close with, and on stderr the failed tasks.
 *
 * The output of a test may hold that of another nx, run on another workspace: headings of projects that are not on the list are
 * part of what the test printed.
 */
export class NxOutput {
  readonly #tasks = new Map<string, Task>()
  readonly #projects = new Set<string>()
  #current: Task | undefined
  #inFailedTasks = false

  /** Takes the next line of a stream. */
  line(text: string, stream: Stream = 'stdout'): void {
    const line = stripVTControlCharacters(text).trimEnd()
    if (stream === 'stderr') this.#errorLine(line)
    else this.#outputLine(line)
  }

  #outputLine(line: string): void {
    const [, project, target] = heading.exec(line) ?? []
    if (project !== undefined && this.#projects.has(project)) this.#current = this.#task(project, target!)
    else if (!this.#current) {
      const [, listed] = listedProject.exec(line) ?? []
      if (listed !== undefined) this.#projects.add(listed)
    } else {
      const summary = parsePackageLine(line)
      if (summary?.name === this.#current.project && this.#current.target === 'test')
        this.#current.counts = summary.counts
    }
  }

  #errorLine(line: string): void {
    const [, project, target] = failedTask.exec(line) ?? []
    if (line === 'Failed tasks:') this.#inFailedTasks = true
    else if (this.#inFailedTasks && project !== undefined) this.#task(project, target!).failed = true
    else if (line !== '') this.#inFailedTasks = false
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
