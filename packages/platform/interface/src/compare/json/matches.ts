import { createContext, Script } from 'node:vm'
import { giveUp } from '../effort.ts'

/** A quantifier on a group that has one: the kind of expression that may try more ways than anybody waits for. */
const nested = /[+*}?][^()]*\)[+*{]|\|[^()]*\)[+*{]/

/** Shorter texts are tried before that is noticed. */
const shortEnough = 18

/** How long an expression may take for a text. Those that are no trouble take microseconds. */
const timeoutMs = 1000

const script = new Script('expression.test(text)')
/** Those that took too long once. */
const slow = new Set<string>()

let context: ReturnType<typeof createContext> | undefined

/**
 * Whether an expression matches a text. Where that takes too long, what was to be found out by it is too much; where nothing bounds
 * that, the text counts as one that does not match.
 */
export function matches(expression: RegExp, text: string): boolean {
  if (text.length <= shortEnough || !nested.test(expression.source)) return expression.test(text)
  if (slow.has(expression.source)) {
    giveUp()
    return false
  }
  context ??= createContext(Object.create(null))
  Object.assign(context, { expression, text })
  try {
    return script.runInContext(context, { timeout: timeoutMs }) as boolean
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    slow.add(expression.source)
    giveUp()
    return false
  }
}
