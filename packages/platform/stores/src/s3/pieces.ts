/** The smallest piece of an upload in pieces that S3 takes is 5 MiB; 10,000 are the most. */
export const pieceBytes = 8 * 1024 * 1024

/** After so many pieces they become larger, so that 10,000 of them are half a TiB. */
const smallPieces = 1000
const largePieceBytes = 64 * 1024 * 1024

/**
 * Cuts a stream into pieces of 8 MiB, and of 64 MiB after a thousand; the last may be smaller, and only the last. Holds one
 * piece at a time. A stream that is empty is one empty piece.
 *
 * @param smallBytes @default 8 MiB
 */
export async function* piecesOf(
  stream: AsyncIterable<Uint8Array>,
  smallBytes = pieceBytes,
): AsyncGenerator<{ readonly bytes: Buffer; readonly last: boolean }> {
  let chunks: Uint8Array[] = []
  let held = 0
  let count = 0
  for await (let chunk of stream) {
    // A piece goes out when there is something after it: so it is known not to be the last.
    for (;;) {
      const wanted = (count < smallPieces ? smallBytes : largePieceBytes) - held
      if (chunk.byteLength <= wanted) break
      chunks.push(chunk.subarray(0, wanted))
      chunk = chunk.subarray(wanted)
      yield { bytes: Buffer.concat(chunks), last: false }
      count++
      chunks = []
      held = 0
    }
    chunks.push(chunk)
    held += chunk.byteLength
  }
  yield { bytes: Buffer.concat(chunks), last: true }
}
