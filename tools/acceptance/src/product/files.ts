import assert from 'node:assert/strict'
import type { ProductCase } from './case.ts'
import { somebody, textOf } from './somebody.ts'

const MiB = 2 ** 20

export const files: readonly ProductCase[] = [
  {
    name: 'files come back as they were uploaded, by path, type and size',
    run: async (at) => {
      const ada = await somebody(at)
      const body = new Blob(['# Plan\n'], { type: 'text/markdown' })
      const file = await ada.files.upload({ path: 'notes/plan ä.md', body })
      assert.deepEqual(await ada.files.stat({ path: 'notes/plan ä.md' }), file)
      const download = await ada.files.download({ path: 'notes/plan ä.md' })
      assert.deepEqual([download.contentType, download.sizeBytes], ['text/markdown', 7])
      assert.equal(await textOf(download), '# Plan\n')
    },
  },
  {
    name: 'large files are streamed both ways',
    run: async (at) => {
      const ada = await somebody(at)
      const chunk = Uint8Array.from({ length: 64 * 1024 }, (_, n) => n % 251)
      const body = async function* () {
        for (let n = 0; n < 256; n++) yield chunk
      }
      const file = await ada.files.upload({ path: 'film.mp4', body: body() })
      assert.equal(file.sizeBytes, 16 * MiB)
      let seen = 0
      for await (const part of await ada.files.download({ path: 'film.mp4' }))
        for (const byte of part)
          if (byte !== (seen++ % chunk.length) % 251) assert.fail(`byte ${seen} is wrong`)
      assert.equal(seen, 16 * MiB)
    },
  },
  {
    name: 'folders are listed page by page',
    run: async (at) => {
      const ada = await somebody(at)
      for (const path of ['a/1', 'a/2', 'b', 'c']) await ada.files.upload({ path, body: path })
      const seen: string[] = []
      for (let cursor: string | undefined; ; ) {
        const page = await ada.files.list({ limit: 2, cursor })
        seen.push(...page.items.map(({ kind, path }) => `${kind} ${path}`))
        cursor = page.next
        if (cursor === undefined) break
      }
      assert.deepEqual(seen, ['folder a', 'file b', 'file c'])
    },
  },
  {
    name: 'of many who write a new file, one wins',
    run: async (at) => {
      const ada = await somebody(at)
      const bodies = ['1', '2', '3', '4']
      const uploads = await Promise.all(
        bodies.map((body) => ada.files.upload.result({ path: 'a', body, ifMatch: 'none' })),
      )
      const winner = uploads.findIndex(({ ok }) => ok)
      assert.equal(uploads.filter((upload) => !upload.ok && upload.error.kind === 'changed').length, 3)
      assert.equal(await textOf(await ada.files.download({ path: 'a' })), bodies[winner])
    },
  },
  {
    name: 'inputs that are wrong are refused with every reason',
    run: async (at) => {
      const ada = await somebody(at)
      await assert.rejects(ada.files.stat({ path: 'a//b' }), { code: 'invalid_argument', httpStatus: 400 })
      const query = new URLSearchParams({ limit: 'many', folder: '/a' })
      const response = await fetch(`${at.url}/files?${query}`, {
        headers: { authorization: `Bearer ${ada.token}` },
      })
      const error = (await response.json()) as { data: { issues: { path: string }[] } }
      assert.equal(response.status, 400)
      assert.deepEqual(error.data.issues.map(({ path }) => path).toSorted(), ['folder', 'limit'])
    },
  },
  {
    name: 'a watcher hears of what is there and what changes',
    run: async (at) => {
      const ada = await somebody(at)
      await ada.files.upload({ path: 'a', body: 'a' })
      const seen: string[] = []
      for await (const change of ada.files.watch()) {
        seen.push(change.kind)
        if (seen.length === 1) {
          await ada.files.move({ from: 'a', to: 'b' })
          await ada.files.remove({ path: 'b' })
        }
        if (seen.length === 3) break
      }
      assert.deepEqual(seen, ['written', 'moved', 'removed'])
    },
  },
]
