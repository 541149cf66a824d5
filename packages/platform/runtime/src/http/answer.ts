import { type ByteStream, isBytes, isStream } from '@atlas/contract'
import type { Limits } from '../limits.ts'
import type { ServedEndpoint } from '../routing-table.ts'
import type { Answer, UniversalRequest } from '../universal.ts'
import { decodeBytes, decodeJsonInput, decodeTextInput } from './decode-request.ts'
import { encodeBytes, encodeItems, encodeJson } from './encode-response.ts'
import { ItemSource } from './item-source.ts'
import { readJsonBytes } from './json-body.ts'
import { ndjson } from './ndjson.ts'
import { sse } from './sse.ts'

/**
 * Answers a plain HTTP request for an endpoint.
 *
 * @throws AtlasError that the caller may see
 */
export async function answerHttp(
  served: ServedEndpoint,
  pathValues: readonly string[],
  request: UniversalRequest,
  limits: Limits,
): Promise<Answer> {
  const { binding, definition, runner, headers } = served
  const { scope } = request
  const input =
    binding.body === 'json'
      ? decodeJsonInput(served, pathValues, request, await readJsonBytes(request, limits.jsonBodyBytes))
      : decodeTextInput(served, pathValues, request)
  if (isStream(definition.output)) {
    const wanted = request.headers.accept as string | undefined
    const framing = wanted?.includes(sse.contentType) ? sse : ndjson
    const items = new ItemSource(runner.stream(input, scope), framing)
    await items.begin(limits.heartbeatMs)
    return encodeItems(items, headers)
  }
  const body = binding.body === 'bytes' ? decodeBytes(request) : undefined
  const output = await runner.unary(input, body, scope)
  if (!isBytes(definition.output)) return encodeJson(output, headers)
  scope.leave(undefined)
  return encodeBytes(output as ByteStream, headers)
}
