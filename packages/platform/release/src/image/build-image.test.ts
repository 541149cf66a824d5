import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { noDebian, startOci, type TestRegistry } from '@atlas/tools-registries'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root, testBase } from '../fixtures/workspace.ts'
import { parseReference, showReference } from '../registry/reference.ts'
import { Repository } from '../registry/repository.ts'
import type { BaseImage } from './base/base-image.ts'
import { buildImage } from './build-image.ts'
import { nameImage, pushImage } from './push-image.ts'
import { writeLayout } from './write-layout.ts'

const timeoutMs = 300_000
const dir = 'packages/servlets/greeter'

let base: BaseImage
let scratch: string
let oci: TestRegistry
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'atlas-image-'))
  if (noDebian) return
  base = await testBase()
  oci = await startOci()
}, timeoutMs)
afterAll(async () => {
  await oci?.close()
  await rm(scratch, { recursive: true, force: true })
})

test.skipIf(noDebian)(
  'the same is the same image, and another version another',
  async () => {
    const one = await buildImage({ root, dir, version: '1.0.0', base })
    const same = await buildImage({ root, dir, version: '1.0.0', base })
    const other = await buildImage({ root, dir, version: '1.0.1', base })
    expect(same.digest).toBe(one.digest)
    expect(other.digest).not.toBe(one.digest)
    // Only the config says the version: nodes that have one version have all layers of the next.
    expect(other.layers.map(({ digest }) => digest)).toEqual(one.layers.map(({ digest }) => digest))
    expect(JSON.parse(Buffer.from(one.config).toString()).config).toMatchObject({
      User: '10001:10001',
      Labels: {
        'org.opencontainers.image.title': 'greeter',
        'org.opencontainers.image.version': '1.0.0',
        'dev.atlas.content': one.bundle.digest,
        'dev.atlas.interface': one.interface,
      },
    })
  },
  timeoutMs,
)

// Only root may change the root of a process, and not even root in every container.
const noRoot = noDebian || process.getuid?.() !== 0 || spawnSync('unshare', ['--mount', 'true']).status !== 0
if (noRoot) console.warn('images are not run here: that takes root on Debian, with mount namespaces')

test.skipIf(noRoot)(
  'the image runs in its own root file system, and answers over HTTP and gRPC',
  async () => {
    const image = await buildImage({ root, dir, version: '1.0.0', base })
    const layout = join(scratch, 'layout')
    await writeLayout(layout, image)
    const rootfs = join(scratch, 'rootfs')
    execFileSync('mkdir', ['-p', join(rootfs, 'proc')])
    const blob = (digest: string) => join(layout, 'blobs/sha256', digest.slice('sha256:'.length))
    const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'))
    const manifest = JSON.parse(await readFile(blob(index.manifests[0].digest), 'utf8'))
    const { config } = JSON.parse(await readFile(blob(manifest.config.digest), 'utf8'))
    for (const { digest } of manifest.layers) execFileSync('tar', ['-xzf', blob(digest), '-C', rootfs])

    const port = await freePort()
    const child = spawn(
      '/usr/bin/unshare',
      ['--mount', '/bin/sh', '-c', inside, config.User, rootfs, ...config.Entrypoint],
      {
        env: {
          ...Object.fromEntries(
            config.Env.map((pair: string) => [pair.split('=')[0], pair.slice(pair.indexOf('=') + 1)]),
          ),
          PORT: String(port),
          HOST: '127.0.0.1',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    let said = ''
    child.stdout.on('data', (text) => {
      said += text
    })
    child.stderr.on('data', (text) => {
      said += text
    })
    const ended = once(child, 'exit')
    const url = `http://127.0.0.1:${port}`
    const headers = { 'x-atlas-listener': 'public' }
    try {
      for (let attempt = 0; ; attempt++) {
        if (child.exitCode !== null || attempt > 1200) throw new Error(`the image does not start: ${said}`)
        if (
          await fetch(`${url}/-/ready`).then(
            ({ ok }) => ok,
            () => false,
          )
        )
          break
        await sleep(50)
      }
      expect(await (await fetch(`${url}/greet/ada`, { headers })).json()).toEqual({ message: 'Hello ada' })
      expect(await greetOverGrpc(url, 'ada')).toContain('Hello ada')
      expect(await (await fetch(`${url}/-/metrics`)).text()).toContain(
        'atlas_servlet_info{servlet="greeter",version="1.0.0"} 1',
      )
    } finally {
      child.kill('SIGTERM')
      await ended
    }
    expect(child.exitCode).toBe(0)
    expect(said).toContain('"message":"drains"')
  },
  timeoutMs,
)

test.skipIf(noDebian)(
  'an image stands on one of a registry just as well',
  async () => {
    const made = await buildImage({ root, dir, version: '1.0.0', base })
    const repository = new Repository(parseReference(`${oci.url}/base/node`))
    await pushImage(repository, made)
    await nameImage(repository, made)
    const reference = { ...parseReference(`${oci.url}/base/node`), digest: made.digest }
    const image = `http://${showReference(reference)}`
    const built = await buildImage({ root, dir, version: '1.0.0', base: { image, node: made.base.node } })
    const below = made.layers.map(({ digest }) => digest)
    expect(built.layers.map(({ digest }) => digest).slice(0, below.length)).toEqual(below)
    expect(JSON.parse(Buffer.from(built.config).toString()).config.Entrypoint).toEqual([
      'node',
      '/app/main.mjs',
    ])
  },
  timeoutMs,
)

test('a workspace that pins no base is told how to', async () => {
  const { cp } = await import('node:fs/promises')
  const bare = join(scratch, 'bare')
  await cp(join(root, dir), join(bare, dir), {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  })
  await expect(buildImage({ root: bare, dir, version: '1.0.0' })).rejects.toThrow(
    'there is no infra/base-image.json, which pins what images stand on; make one and commit it: npx atlas image --pin',
  )
})

/** As a runtime of containers does it: /proc, which goes with the process, then the user and the root of the image. */
const inside =
  'mount -t proc proc "$1/proc" && user=$0 && root=$1 && shift && exec /usr/sbin/chroot --userspec="$user" "$root" "$@"'

/** A unary call, with the one field of its message written by hand: number 1, text. */
async function greetOverGrpc(url: string, name: string): Promise<string> {
  const { connect } = await import('node:http2')
  const session = connect(url)
  try {
    const text = Buffer.from(name)
    const message = Buffer.concat([Buffer.from([0x0a, text.length]), text])
    const frame = Buffer.alloc(5)
    frame.writeUInt32BE(message.length, 1)
    const stream = session.request({
      ':method': 'POST',
      ':path': '/greeter.Greeter/Greet',
      'content-type': 'application/grpc',
      te: 'trailers',
      'x-atlas-listener': 'public',
    })
    let status: unknown
    stream.on('trailers', (trailers) => {
      status = trailers['grpc-status']
    })
    stream.end(Buffer.concat([frame, message]))
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    if (status !== '0') throw new Error(`grpc-status ${status}`)
    return Buffer.concat(chunks).toString()
  } finally {
    session.close()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
