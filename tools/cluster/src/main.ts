import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { duration } from '@atlas/tools-toolchain'
import { addons } from './addons/addons.ts'
import { whyNoCluster } from './check.ts'
import { end, exclusively, findRunning, openApi } from './cluster.ts'
import { type Ends, endsOf } from './ends.ts'
import { type Identity, identity } from './name.ts'
import { processesWith } from './processes.ts'
import { conditionIs } from './ready.ts'
import { pushImage } from './registry.ts'
import { up } from './up.ts'
import { insideKubeconfigPath } from './write-state.ts'

const usage = `npm run cluster -- up [--addons NAMES] [--control-plane] [--name NAME]
npm run cluster -- down | check | status [--json] | shell [-- COMMAND...] | load IMAGE [--as NAME:TAG]

up      a Kubernetes of one node; what runs already stays, what is missing is added
down    ends it and removes everything that it left, however it ended
check   whether this machine can have one, and if not why and what to do; exits 1 then. It starts and changes nothing
status  what runs, and where to reach it; exits 1 when nothing does
shell   a shell (or a command) inside its network, with kubectl set up
load    puts an image (a folder with an OCI layout, or a tar) into its registry and prints the reference for pods

  --addons NAMES     with these, separated by commas: ${addons.map(({ name }) => name).join(', ')}
  --control-plane    no node of its own: kwok plays nodes and pods, thousands of them
  --name NAME        another cluster of this checkout than "default"
`

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const parsed = read(args)
  if (!parsed) return 2
  const { values, positionals } = parsed
  const [action, ...rest] = positionals
  try {
    const which = identity(process.cwd(), values.name)
    switch (action) {
      case 'up':
        return await bringUp(which, values)
      case 'down':
        return await takeDown(which)
      case 'check':
        return await check()
      case 'status':
        return await status(which, values.json)
      case 'shell':
        return await shell(which, rest)
      case 'load':
        return await load(which, rest[0], values.as)
      default:
        process.stderr.write(
          `${action === undefined ? 'up, down, check, status, shell or load?' : `${action} is none of up, down, check, status, shell, load`}\n\n${usage}`,
        )
        return 2
    }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return 1
  }
}

async function bringUp(
  which: Identity,
  values: { addons?: string; 'control-plane': boolean },
): Promise<number> {
  const startedMs = performance.now()
  const running = await up(which, {
    controlPlane: values['control-plane'],
    addons: (values.addons ?? '').split(',').filter((name) => name !== ''),
    onStep: (step) =>
      process.stderr.write(`${duration((performance.now() - startedMs) / 1000).padStart(6)}  ${step}\n`),
  })
  process.stdout.write(
    `Cluster ${which.name} is up after ${duration((performance.now() - startedMs) / 1000)}\nexport KUBECONFIG=${running.kubeconfig}\n`,
  )
  return 0
}

async function takeDown(which: Identity): Promise<number> {
  const ended = await exclusively(which, () => end(which))
  process.stdout.write(ended ? `Cluster ${which.name} has ended\n` : `There is no cluster ${which.name}\n`)
  return 0
}

async function check(): Promise<number> {
  const why = await whyNoCluster(process.cwd())
  process.stdout.write(
    why === undefined
      ? 'This machine can have a cluster. Its tools: npm run toolchain -- status\n'
      : `This machine cannot have a cluster: ${why}\n`,
  )
  return why === undefined ? 0 : 1
}

async function status(which: Identity, json: boolean): Promise<number> {
  const running = await findRunning(which)
  if (!running) {
    process.stdout.write(json ? '{"running":false}\n' : `Cluster ${which.name} does not run\n`)
    return 1
  }
  const api = await openApi(running)
  try {
    const [ready, nodes, pods, deployments] = await Promise.all([
      api.get('/readyz').catch((error: Error) => error.message),
      api.get('/api/v1/nodes').catch(() => ({ items: [] })),
      api.get('/api/v1/pods').catch(() => ({ items: [] })),
      api.get('/apis/apps/v1/deployments').catch(() => ({ items: [] })),
    ])
    const added = addons.filter(({ namespace, deployment }) =>
      deployments.items.some(
        ({ metadata }: any) => metadata.namespace === namespace && metadata.name === deployment,
      ),
    )
    const processes = await processesWith(running.pid)
    const ends = await endsOf(which)
    const answer = {
      running: true,
      name: which.name,
      id: which.id,
      pid: running.pid,
      api: ready === 'ok' ? 'ready' : ready,
      nodes: nodes.items.length,
      nodesReady: nodes.items.filter((node: any) => conditionIs(node, 'Ready')).length,
      pods: pods.items.length,
      podsReady: pods.items.filter((pod: any) => conditionIs(pod, 'Ready')).length,
      processes: processes.length,
      addons: added.map(({ name }) => name),
      ends,
      kubeconfig: running.kubeconfig,
      ports: running.ports,
    }
    process.stdout.write(
      json
        ? `${JSON.stringify(answer, undefined, 2)}\n`
        : `Cluster ${which.name} runs: API server ${answer.api}, ${answer.nodesReady} of ${answer.nodes} nodes and ${answer.podsReady} of ${answer.pods} pods ready, ${answer.processes} processes below pid ${running.pid}${added.length > 0 ? `; add-ons ${answer.addons.join(', ')}` : ''}\n${ends.map(endLine).join('')}export KUBECONFIG=${running.kubeconfig}\nany address inside: HTTP CONNECT to 127.0.0.1:${running.ports.proxy}; logs: ${which.folder}/log\n`,
    )
    return ready === 'ok' ? 0 : 1
  } finally {
    api.close()
  }
}

function endLine({ component, times, last }: Ends): string {
  return `${component} has ended ${times === 1 ? 'once' : `${times} times`} and was started again (last: ${last})\n`
}

async function shell(which: Identity, command: readonly string[]): Promise<number> {
  const running = await findRunning(which)
  if (!running) throw new Error(`Cluster ${which.name} does not run: npm run cluster -- up`)
  const words = command.length > 0 ? command : [process.env.SHELL ?? '/bin/sh']
  // Its mounts too: by them names are those of the cluster. A folder that is not to be seen there is left.
  const enter = [
    '--net',
    '--mount',
    '--uts',
    '--',
    'sh',
    '-c',
    'cd "$0" 2>/dev/null; exec "$@"',
    process.cwd(),
  ]
  const child = spawn('nsenter', ['--target', `${running.pid}`, ...enter, ...words], {
    stdio: 'inherit',
    env: {
      ...process.env,
      KUBECONFIG: insideKubeconfigPath(which),
      PATH: `${join(which.folder, 'bin')}:${process.env.PATH}`,
    },
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

async function load(which: Identity, path: string | undefined, as: string | undefined): Promise<number> {
  if (path === undefined) {
    process.stderr.write(`load what?\n\n${usage}`)
    return 2
  }
  const running = await findRunning(which)
  if (!running) throw new Error(`Cluster ${which.name} does not run: npm run cluster -- up`)
  const name =
    as ??
    `atlas/${basename(path)
      .replace(/\.tar$/, '')
      .toLowerCase()}:latest`
  const reference = await pushImage(running, resolve(process.env.INIT_CWD ?? process.cwd(), path), name)
  process.stdout.write(`${reference}\n`)
  return 0
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        addons: { type: 'string' },
        'control-plane': { type: 'boolean', default: false },
        name: { type: 'string' },
        as: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    })
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`)
    return undefined
  }
}
