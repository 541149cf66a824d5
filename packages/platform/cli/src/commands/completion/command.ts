import { Argument } from 'commander'
import type { CommandDeclaration } from '../../declaration.ts'

export const completionCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('completion')
    .description('print what completes atlas on Tab: source <(npx atlas completion bash)')
    .addArgument(
      new Argument(
        '<what>',
        'the script for a shell, or the names that a script asks for while one types',
      ).choices(['bash', 'zsh', 'fish', 'servlets', 'endpoints']),
    )
    .action((what: 'bash' | 'zsh' | 'fish' | 'servlets' | 'endpoints') =>
      run(async () => (await import('./completion.ts')).completion({ cwd, what, atlas }, output)),
    )
}
