import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parseLdd, writeImage } from './image.ts'

const folder = await mkdtemp(join(tmpdir(), 'atlas-image-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const contents = {
  files: { '/usr/local/bin/node': { from: process.execPath }, '/etc/greeting': { text: 'hello' } },
  withLibrariesOf: ['/usr/local/bin/node'],
  entrypoint: ['/usr/local/bin/node'],
}

test('writes a layout whose blobs have the names of their contents', { timeout: 120_000 }, async () => {
  const out = join(folder, 'one')
  const { digest } = await writeImage(out, contents)
  const blobs = join(out, 'blobs/sha256')
  for (const name of await readdir(blobs)) {
    expect(
      createHash('sha256')
        .update(await readFile(join(blobs, name)))
        .digest('hex'),
    ).toBe(name)
  }
  const index = JSON.parse(await readFile(join(out, 'index.json'), 'utf8'))
  expect(index.manifests[0].digest).toBe(digest)
  const manifest = JSON.parse(await readFile(join(blobs, digest.slice(7)), 'utf8'))
  const config = JSON.parse(await readFile(join(blobs, manifest.config.digest.slice(7)), 'utf8'))
  expect(config.rootfs.diff_ids).toEqual([manifest.layers[0].digest])
  const listed = execFileSync('tar', [
    '--list',
    '--file',
    join(blobs, manifest.layers[0].digest.slice(7)),
  ]).toString()
  expect(listed.split('\n')).toEqual(expect.arrayContaining(['tmp/', 'etc/greeting', 'usr/local/bin/node']))
  // What node is linked to, and what loads it.
  expect(listed).toMatch(/libc\.so\.6$/m)
  expect(listed).toMatch(/ld-linux[^/]*$/m)
})

test('gives equal contents the same digest', { timeout: 120_000 }, async () => {
  const small = { files: { '/a/b': { text: 'c' } }, entrypoint: ['/a/b'] }
  const [one, other] = [
    await writeImage(join(folder, 'a'), small),
    await writeImage(join(folder, 'b'), small),
  ]
  expect(other).toEqual(one)
  const changed = { ...small, files: { '/a/b': { text: 'd' } } }
  expect(await writeImage(join(folder, 'c'), changed)).not.toEqual(one)
})

test('reads what ldd prints', () => {
  const text = `\tlinux-vdso.so.1 (0x00007ffd)
\tlibnftables.so.1 => not found
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f42)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f42)
`
  expect(parseLdd(text)).toEqual({
    paths: ['/lib/x86_64-linux-gnu/libc.so.6', '/lib64/ld-linux-x86-64.so.2'],
    missing: ['libnftables.so.1'],
  })
})
