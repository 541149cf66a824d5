import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const imageCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('image')
    .description('build the image of a servlet as it is here, without Docker')
    .argument('[servlet]')
    .option('--out <folder>', 'write it as an OCI layout, with its bill of materials')
    .option(
      '--push <registry>',
      'push it to a registry, REGISTRY/SERVLET, by its digest and without the name of a version',
    )
    .option('--pin', 'pin what images stand on to what Debian serves now: infra/base-image.json')
    .addOption(jsonOption())
    .action(
      (servlet: string | undefined, options: { out?: string; push?: string; pin?: true; json: boolean }) =>
        run(async () => (await import('./image.ts')).image({ cwd, servlet, ...options }, output)),
    )
}
