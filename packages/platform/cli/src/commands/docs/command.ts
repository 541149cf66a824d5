import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const docsCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('docs')
    .description('write OpenAPI and .proto files of the servlets and of the product')
    .option('--out <folder>', 'where to', '.atlas/docs')
    .addOption(jsonOption())
    .action((options: { out: string; json: boolean }) =>
      run(async () => (await import('./docs.ts')).docs({ cwd, ...options }, output)),
    )
}
