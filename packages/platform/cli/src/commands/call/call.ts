import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { httpTransport } from '@atlas/client'
import { AtlasError, type ByteStream, type BytesSource, byteStream, errorDocument } from '@atlas/contract'
import { catalogOf, readWorkspace, type Workspace } from '@atlas/manifest'
import { CommandError, exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { findPlatform } from '../../platform/find-platform.ts'
import type { PlatformOptions } from '../../platform/options.ts'
import { unreachable } from '../../platform/unreachable.ts'
import { findRoot } from '../../workspace/find-root.ts'
import { checkInput } from './check-input.ts'
import { type FoundEndpoint, findEndpoint } from './find-endpoint.ts'
import { requestOf, type Sent } from './request-of.ts'
import { type Sink, sinkOf } from './sink.ts'

/** Options of `atlas call`. */
export interface CallOptions extends PlatformOptions {
  readonly cwd: string
  /** `greeter.greet` */
  readonly target: string
  /** JSON, or `-`. */
  readonly input: string
  readonly token?: string
  readonly body?: string
  readonly contentType?: string
  readonly output?: string
  /** In milliseconds. */
  readonly timeout?: number
  readonly json: boolean
}

/** `atlas call SERVLET.ENDPOINT '{json}'`: calls the running platform as anybody outside does. */
export async function call(options: CallOptions, output: Output): Promise<number> {
  const root = await findRoot(options.cwd)
  const workspace = await readWorkspace(root)
  const found = findEndpoint(workspace, options.target)
  const sent = await sentOf(options, found, output)
  const url = await findPlatform(root, options)
  const token = options.token ?? process.env.ATLAS_TOKEN
  const transport = httpTransport({
    baseUrl: url,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
  const request = requestOf(found, sent)
  const sink = sinkOf(options)
  try {
    const result = await answer(found, sink, {
      unary: () => transport.unary(request),
      stream: () => transport.stream(request),
    })
    if (options.json) output.json({ ok: true, ...result })
    return exitCode.done
  } catch (error) {
    await sink.abandon()
    if (!(error instanceof AtlasError)) throw error
    if (error.code === 'unavailable' && error.cause !== undefined) throw unreachable(url, error.cause)
    const document = { ...errorDocument(error), httpStatus: error.httpStatus }
    if (options.json) output.json({ ok: false, error: document })
    const text = JSON.stringify(error.data ?? {})
    const data = text === '{}' ? '' : ` ${text}`
    output.note(
      `error: ${error.code}${error.kind === undefined ? '' : ` (${error.kind})`}: ${error.message}${data}`,
    )
    const hint = hintFor(error, found, workspace, token)
    if (hint !== undefined) output.note(`    ${hint}`)
    return isOutside(error) ? exitCode.outside : exitCode.refused
  }
}

interface Calls {
  unary(): Promise<unknown>
  stream(): AsyncIterable<unknown>
}

/** Writes the answer, and says of it what `--json` says. */
async function answer({ endpoint }: FoundEndpoint, sink: Sink, calls: Calls): Promise<object> {
  if ('bytes' in endpoint.output) return sink.bytes((await calls.unary()) as ByteStream)
  if ('stream' in endpoint.output) return sink.items(calls.stream())
  return sink.value(await calls.unary())
}

/** What came to nothing because of the world around: it may be right later. */
function isOutside({ code }: AtlasError): boolean {
  return code === 'unavailable' || code === 'deadline_exceeded'
}

function hintFor(
  { code }: AtlasError,
  { servlet, endpoint }: FoundEndpoint,
  workspace: Workspace,
  token: string | undefined,
): string | undefined {
  if (endpoint.access === 'internal')
    return `it is internal: other servlets may call it (npx atlas graph ${servlet}), nobody outside`
  if (code === 'unauthenticated' && endpoint.access === 'user' && token === undefined) {
    const { authenticator } = catalogOf(workspace).catalog.environments.local ?? {}
    const from = authenticator === undefined ? '' : ` of the servlet ${authenticator.split('.')[0]}`
    return `it is for users: give a token${from} with --token, or in ATLAS_TOKEN`
  }
  return undefined
}

async function sentOf(options: CallOptions, found: FoundEndpoint, output: Output): Promise<Sent> {
  const { target, input, body, contentType, timeout } = options
  const { endpoint } = found
  if (input === '-' && body === '-')
    throw new CommandError('the input and the body cannot both come from standard input', exitCode.usage)
  if (endpoint.body && body === undefined)
    throw new CommandError(
      `${target} takes bytes (${endpoint.body.types.join(', ')}): name the file with --body, or - for standard input`,
      exitCode.usage,
    )
  if (!endpoint.body && (body !== undefined || contentType !== undefined))
    throw new CommandError(
      `${target} takes no bytes, so ${body === undefined ? '--content-type' : '--body'} has no place there`,
      exitCode.usage,
    )
  const value = parsed(input === '-' ? await text(process.stdin) : input)
  for (const warning of checkInput(found, value)) output.note(`warning: ${warning}`)
  return {
    input: value as Record<string, unknown>,
    body:
      body === undefined ? undefined : await bodyOf(body, contentType ?? defaultType(endpoint.body?.types)),
    signal: new AbortController().signal,
    timeoutMs: timeout,
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new CommandError(
      `the input is not JSON (${(error as Error).message}); write it in single quotes, as in '{"name": "ada"}'`,
      exitCode.usage,
    )
  }
}

async function bodyOf(file: string, contentType: string): Promise<BytesSource> {
  if (file === '-')
    return byteStream(Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>, { contentType })
  const info = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${file} cannot be read (${error.code})`, exitCode.usage)
  })
  if (!info.isFile()) throw new CommandError(`${file} is not a file`, exitCode.usage)
  // Small files whole: they can be sent again, and servers know their size either way.
  const source =
    info.size < 2 ** 20
      ? await readFile(file)
      : (Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>)
  return byteStream(source, { contentType, sizeBytes: info.size })
}

function defaultType(types: readonly string[] = []): string {
  return types.find((type) => !type.includes('*')) ?? 'application/octet-stream'
}
