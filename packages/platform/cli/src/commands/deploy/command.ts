import { InvalidArgumentError } from 'commander'
import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const deployCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('deploy')
    .description('bring an environment to what its lock says: only servlets that differ, side by side')
    .argument('[servlets...]', 'the servlets; all that the lock of the environment names when left out')
    .requiredOption('--env <environment>', 'the environment, as infra/environments/NAME.json')
    .option('--preview', 'say what would change, and change nothing', false)
    .option('--all', 'also servlets that are as they should be, as far as the cluster says', false)
    .option('--prune', 'take away servlets that the lock names no more; asks before it does', false)
    .option('--yes', 'do not ask', false)
    .option(
      '--parallel <number>',
      'how many at once (default: as many as the machine has cores, 2 to 8)',
      parallel,
    )
    .addOption(jsonOption())
    .action((servlets: string[], options) =>
      run(async () => (await import('./deploy.ts')).deploy({ cwd, servlets, ...options }, output)),
    )
}

function parallel(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 64)
    throw new InvalidArgumentError('it is a whole number from 1 to 64.')
  return value
}
