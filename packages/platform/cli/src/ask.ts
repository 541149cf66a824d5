import { isCancel, multiselect, select, text } from '@clack/prompts'
import { CommandError } from './exit-code.ts'

/** How a text is asked for. */
export interface TextQuestion {
  readonly placeholder?: string
  readonly initial?: string
  readonly optional?: boolean
  /** What is wrong with an answer. */
  readonly validate?: (answer: string) => string | undefined
}

/** Questions to a person. */
export interface Prompts {
  text(message: string, question: TextQuestion): Promise<string>
  select(message: string, options: readonly string[]): Promise<string>
  /** None is an answer too. */
  several(message: string, options: readonly string[]): Promise<string[]>
}

/** Asks on the terminal. @throws CommandError when the person presses Ctrl-C or Escape */
export const ask: Prompts = {
  text: async (message, { placeholder, initial, optional = false, validate }) =>
    (answered(
      await text({
        message: optional ? `${message} (may stay empty)` : message,
        ...(placeholder !== undefined && { placeholder }),
        ...(initial !== undefined && { initialValue: initial }),
        validate: (answer) => (optional && !answer ? undefined : validate?.(answer ?? '')),
      }),
    ) as string | undefined) ?? '',
  select: async (message, options) => answered<string>(await select({ message, options: choices(options) })),
  several: async (message, options) =>
    answered<string[]>(
      await multiselect({
        message: `${message} (space chooses, enter goes on)`,
        options: choices(options),
        required: false,
      }),
    ),
}

function choices(options: readonly string[]): { value: string; label: string }[] {
  return options.map((value) => ({ value, label: value }))
}

function answered<T>(answer: T | symbol): T {
  if (isCancel(answer)) throw new CommandError('stopped; nothing was written')
  return answer as T
}
