import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type InterfaceDocument, protoOf } from '@atlas/interface'

/** How long `buf breaking` took over the .proto files of servlets, and which it reports. */
export interface BufRun {
  readonly seconds: number
  readonly reported: ReadonlySet<string>
}

const config = JSON.stringify({
  version: 'v2',
  modules: [{ path: '.' }],
  breaking: { use: ['WIRE', 'WIRE_JSON'] },
})

const httpBody =
  'syntax = "proto3"; package google.api; message HttpBody { string content_type = 1; bytes data = 2; }'

const program = createRequire(import.meta.url).resolve('@bufbuild/buf/bin/buf')

/** Runs `buf breaking` at the levels WIRE and WIRE_JSON, once over all servlets that are on gRPC in both versions. */
export async function runBuf(
  folder: string,
  pairs: ReadonlyMap<string, readonly [before: InterfaceDocument, after: InterfaceDocument]>,
): Promise<BufRun> {
  for (const [side, which] of [
    ['before', 0],
    ['after', 1],
  ] as const) {
    await mkdir(join(folder, side, 'google/api'), { recursive: true })
    await writeFile(join(folder, side, 'buf.yaml'), config)
    await writeFile(join(folder, side, 'google/api/httpbody.proto'), httpBody)
    for (const [name, pair] of pairs)
      await writeFile(join(folder, side, `${name}.proto`), protoOf(pair[which]))
  }
  const began = performance.now()
  const args = [program, 'breaking', 'after', '--against', 'before', '--error-format', 'json']
  const stdout = await new Promise<string>((settle, reject) => {
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 1e9 }, (error, stdout, stderr) => {
      // 100 says that something was found.
      if (error && error.code !== 100) reject(new Error(`buf breaking failed: ${stderr || error.message}`))
      else settle(stdout)
    })
  })
  const seconds = (performance.now() - began) / 1000
  const reported = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => /([^/]+)\.proto$/.exec((JSON.parse(line) as { path: string }).path)?.[1] ?? '')
  return { seconds, reported: new Set(reported) }
}
