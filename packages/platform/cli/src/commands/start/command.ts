import { type CommandDeclaration, defaultPort, port } from '../../declaration.ts'

export const startCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('start')
    .description('run every servlet of the workspace on this machine')
    .option('--port <port>', 'where to answer; 0 takes a free one (default: PORT, or 8080)', port)
    .action((options: { port?: number }) =>
      run(async () =>
        (await import('./start.ts')).start({ cwd, port: options.port ?? defaultPort() }, output),
      ),
    )
}
