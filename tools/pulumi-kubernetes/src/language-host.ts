import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fromStruct, type Method, protocol } from './server.ts'

/** With what Pulumi's runner exits when it has told people what is wrong, and nobody need say more. */
const saidAlready = 32

/**
 * The Node language host: methods of Pulumi's LanguageRuntime service. A program is run by the runner that its own
 * `@pulumi/pulumi` carries, in a process of its own, as the official host runs it.
 */
export class LanguageHost {
  readonly #engine: string
  readonly #running = new Set<ChildProcess>()

  constructor(engine: string) {
    this.#engine = engine
  }

  /** Its methods, by their names in the service. */
  methods(): Record<string, Method> {
    return {
      getPluginInfo: async () => new protocol.plugin.PluginInfo().setVersion('0.0.0'),
      // Which plugins a program needs is found when it asks for them.
      getRequiredPlugins: async () => new protocol.language.GetRequiredPluginsResponse(),
      run: (request) => this.#run(request),
      cancel: async () => {
        for (const child of this.#running) child.kill('SIGTERM')
        return new protocol.empty()
      },
    }
  }

  async #run(request: any): Promise<unknown> {
    const response = new protocol.language.RunResponse()
    const info = request.getInfo()
    const options = fromStruct(info?.getOptions())
    if (options.typescript !== false) {
      return response.setError(
        'this stand-in of the Node language host leaves TypeScript to Node: write "runtime: { name: nodejs, options: { typescript: false } }" in Pulumi.yaml, which the official host understands too',
      )
    }
    const directory: string = info?.getProgramDirectory() || request.getPwd()
    const args = runnerArguments(request, this.#engine)
    const child = spawn(
      process.execPath,
      [
        ...words(options.nodeargs),
        runnerOf(directory),
        ...args,
        info?.getEntryPoint() || request.getProgram() || '.',
      ],
      {
        cwd: directory,
        env: {
          ...process.env,
          PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().entries())),
          PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
          PULUMI_NODEJS_TYPESCRIPT: 'false',
        },
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    )
    this.#running.add(child)
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    this.#running.delete(child)
    if (code === 0) return response
    if (code === saidAlready) return response.setBail(true)
    return response.setError(`the program ended with ${signal === null ? `exit code ${code}` : signal}`)
  }
}

function runnerArguments(request: any, engine: string): string[] {
  const info = request.getInfo()
  const flags: Record<string, string> = {
    monitor: request.getMonitorAddress(),
    engine,
    project: request.getProject(),
    stack: request.getStack(),
    organization: request.getOrganization(),
    'root-directory': info?.getRootDirectory() ?? '',
    pwd: request.getPwd(),
    parallel: String(request.getParallel()),
  }
  const given = Object.entries(flags).filter(([, value]) => value !== '')
  return [
    ...given.map(([name, value]) => `--${name}=${value}`),
    ...(request.getDryrun() ? ['--dry-run'] : []),
  ]
}

/** The runner of the `@pulumi/pulumi` that a program uses. */
function runnerOf(directory: string): string {
  return createRequire(join(directory, 'package.json')).resolve('@pulumi/pulumi/cmd/run/index.js')
}

function words(text: unknown): string[] {
  return typeof text === 'string' ? text.split(' ').filter((word) => word !== '') : []
}
