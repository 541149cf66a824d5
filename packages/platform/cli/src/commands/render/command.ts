import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const renderCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('render')
    .description('write the Kubernetes objects of servlets as YAML: to look at them, or to leave')
    .argument('[servlets...]', 'the servlets; all that the lock of the environment names when left out')
    .requiredOption('--env <environment>', 'the environment, as infra/environments/NAME.json')
    .option('--out <folder>', 'a file for each servlet in this folder; stdout when left out')
    .addOption(jsonOption())
    .action((servlets: string[], options: { env: string; out?: string; json: boolean }) =>
      run(async () => (await import('./render.ts')).render({ cwd, servlets, ...options }, output)),
    )
}
