import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const diffCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('diff')
    .description(
      'compare an environment with what it should be: what is missing, and what another hand changed',
    )
    .argument('[servlets...]', 'the servlets; all that the lock of the environment names when left out')
    .requiredOption('--env <environment>', 'the environment, as infra/environments/NAME.json')
    .addOption(jsonOption())
    .action((servlets: string[], options: { env: string; json: boolean }) =>
      run(async () => (await import('./diff.ts')).diff({ cwd, servlets, ...options }, output)),
    )
}
