import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { s3ServerBinary, startS3Server } from '@atlas/stores/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../fixtures/workspace.ts'
import { bundleServlet } from './bundle-servlet.ts'

const built = await s3ServerBinary().catch((error: Error) => error)
// On a machine without Go this is left out, and says so; in CI that would be a gap nobody sees.
const missing = built instanceof Error && !process.env.CI
if (missing) console.warn(`the test with an S3 server is left out: ${built.message}`)

const timeoutMs = 240_000
const dir = 'packages/servlets/attic'

const files: Record<string, string> = {
  'package.json': '{ "name": "w", "private": true, "type": "module" }',
  [`${dir}/package.json`]: '{ "name": "@x/attic", "version": "1.0.0", "type": "module" }',
  [`${dir}/servlet.json`]: '{ "owner": "x", "stores": { "things": { "blobs": {} } } }',
  [`${dir}/src/contract.ts`]: `import { bytes, contract, endpoint } from '@atlas/contract'
import * as z from 'zod'

const Key = z.object({ key: z.string() })
export const attic = contract('attic', {
  keep: endpoint({
    route: 'PUT /things/{key}',
    access: 'public',
    input: Key,
    body: bytes(),
    output: z.object({ sizeBytes: z.int() }),
  }),
  find: endpoint({ route: 'GET /things/{key}', access: 'public', input: Key, output: bytes() }),
})
`,
  [`${dir}/src/servlet.ts`]: `import { servlet } from '@atlas/sdk'
import manifest from '../servlet.json' with { type: 'json' }
import { attic } from './contract.ts'

export default servlet(attic, { manifest }, {
  keep: async ({ key, body }, { stores }) => {
    const { sizeBytes } = await stores.things.put(key, body)
    return { sizeBytes }
  },
  find: async ({ key }, { stores }) => (await stores.things.get(key))!.body,
})
`,
}

let scratch: string
let main: string
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'atlas-attic-'))
  const workspace = join(scratch, 'workspace')
  for (const [file, text] of Object.entries(files)) await write(join(workspace, file), text)
  await symlink(join(root, 'node_modules'), join(workspace, 'node_modules'))
  const bundled = await bundleServlet({ root: workspace, dir })
  // As in an image: nothing else is there, no packages and no sources.
  for (const [file, bytes] of bundled.files) await write(join(scratch, 'image', file), bytes)
  main = join(scratch, 'image/app/main.mjs')
}, timeoutMs)
afterAll(() => rm(scratch, { recursive: true, force: true, maxRetries: 5 }))

async function write(file: string, text: string | Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

interface Pod extends AsyncDisposable {
  readonly process: ChildProcess
  readonly said: () => string
  /** Where it answers, once it does. */
  url(): Promise<string>
}

function start(variables: Record<string, string>): Pod {
  const child = spawn(process.execPath, [main], {
    cwd: scratch,
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const ended = once(child, 'close')
  return {
    process: child,
    said: () => said,
    async url() {
      const found = () => /"port":(\d+)/.exec(said)?.[1]
      await expect.poll(() => found() ?? child.exitCode, { timeout: timeoutMs }).not.toBeNull()
      const port = found()
      if (port === undefined) throw new Error(`it does not start: ${said}`)
      return `http://127.0.0.1:${port}`
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

const gateway = { 'x-atlas-listener': 'public' }

test.skipIf(missing)(
  'what an image starts keeps blobs in the bucket of its variable, also over its end',
  async () => {
    if (built instanceof Error) throw built
    await using server = await startS3Server(built, ['acme-blobs'])
    const variables = {
      AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
      ATLAS_STORE_ATTIC_THINGS: `s3://acme-blobs/attic?endpoint=${server.endpoint}`,
    }
    // Larger than what goes in one piece.
    const bytes = Buffer.alloc(9 * 1024 * 1024, 'atlas ')
    {
      await using pod = start(variables)
      const url = await pod.url()
      const kept = await fetch(`${url}/things/lamp`, {
        method: 'PUT',
        headers: { ...gateway, 'content-type': 'application/octet-stream' },
        body: bytes,
      })
      expect([kept.status, await kept.json()]).toEqual([200, { sizeBytes: bytes.length }])
      pod.process.kill('SIGTERM')
      await once(pod.process, 'exit')
      expect(pod.process.exitCode).toBe(0)
    }
    await using again = start(variables)
    const found = await fetch(`${await again.url()}/things/lamp`, { headers: gateway })
    expect(bytes.equals(Buffer.from(await found.arrayBuffer()))).toBe(true)
  },
  timeoutMs,
)

test.skipIf(missing)(
  'what an image starts says in one line that its bucket is not there, and ends with 1',
  async () => {
    if (built instanceof Error) throw built
    await using server = await startS3Server(built, [])
    await using pod = start({
      AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
      ATLAS_STORE_ATTIC_THINGS: `s3://nothing-here?endpoint=${server.endpoint}`,
    })
    await once(pod.process, 'close')
    expect(pod.process.exitCode).toBe(1)
    expect(pod.said().trim().split('\n')).toEqual([
      expect.stringContaining('does not exist; make it, or correct ATLAS_STORE_ATTIC_THINGS'),
    ])
  },
  timeoutMs,
)
