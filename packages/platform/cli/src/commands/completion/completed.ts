import type { Command } from 'commander'

/** Names that only the workspace knows: `atlas completion` prints them. */
export type Asked = 'servlets' | 'endpoints'

/** What may follow a command. */
export interface CompletedCommand {
  /** `atlas db reset` */
  readonly path: string
  /** Commands inside of it, its long options and the choices of its arguments. */
  readonly words: readonly string[]
  readonly asked?: Asked
  /** Its options that take a value. Without `words` and `asked` a value may be a file. */
  readonly options: readonly {
    readonly flag: string
    readonly words: readonly string[]
    readonly asked?: Asked
  }[]
}

/** A command and all inside of it, with what completes each. */
export function completedIn(command: Command, path: string = command.name()): CompletedCommand[] {
  const options = command.createHelp().visibleOptions(command)
  const args = command.registeredArguments
  const [asked] = args.flatMap((argument) => askedFor(argument.name()) ?? [])
  return [
    {
      path,
      words: [
        ...command.commands.map((inner) => inner.name()),
        ...args.flatMap(({ argChoices }) => argChoices ?? []),
        ...options.flatMap(({ long }) => long ?? []),
      ],
      ...(asked && { asked }),
      options: options
        .filter((option) => option.required || option.optional)
        .flatMap((option) => {
          const asked = askedFor(/<(.*)>/.exec(option.flags)?.[1] ?? '')
          return [option.short, option.long].flatMap((flag) =>
            flag ? [{ flag, words: option.argChoices ?? [], ...(asked && { asked }) }] : [],
          )
        }),
    },
    ...command.commands.flatMap((inner) => completedIn(inner, `${path} ${inner.name()}`)),
  ]
}

/** By the name of an argument, or of the value of an option; a store may be named by its servlet. */
function askedFor(name: string): Asked | undefined {
  if (name === 'servlet.endpoint') return 'endpoints'
  return /^(servlet|store)s?$/.test(name) ? 'servlets' : undefined
}
