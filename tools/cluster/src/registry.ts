import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { requireTools, toolsNamed } from '@atlas/tools-toolchain'
import { addresses } from './addresses.ts'
import { until } from './api.ts'
import type { Running } from './cluster.ts'

const run = promisify(execFile)

/**
 * Puts an image into the cluster's registry: an OCI layout (a folder), or a tar that `docker save` or an OCI builder wrote.
 *
 * @param name name and tag in the registry, such as `atlas/greeter:1.0.0`
 * @returns the reference that pods use, with the digest
 */
export async function pushImage(running: Running, path: string, name: string): Promise<string> {
  const tools = await requireTools(toolsNamed(['crane']))
  const target = `127.0.0.1:${running.ports.registry}/${name}`
  const { stdout } = await run(tools.get('crane')!.binaries.crane!, ['push', '--insecure', path, target], {
    maxBuffer: 16 * 1024 * 1024,
  })
  const digest = /@(sha256:[0-9a-f]{64})/.exec(stdout)?.[1]
  if (digest === undefined) throw new Error(`crane push of ${path} printed no digest: ${stdout}`)
  return `${addresses.registry}/${name}@${digest}`
}

/** Waits until the registry answers. */
export async function waitForRegistry(running: Running): Promise<void> {
  await until(
    'the registry',
    async () => {
      const response = await fetch(`http://127.0.0.1:${running.ports.registry}/v2/`)
      return response.ok ? true : undefined
    },
    { timeoutMs: 60_000, everyMs: 50 },
  )
}
