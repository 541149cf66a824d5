/** The first bytes of a stream, and whether there were more. The rest is not read. */
export async function firstBytes(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<{ bytes: Uint8Array; cut: boolean }> {
  const chunks: Uint8Array[] = []
  let seen = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    seen += chunk.byteLength
    // Leaving the loop cancels the stream.
    if (seen > maxBytes) break
  }
  return { bytes: Buffer.concat(chunks).subarray(0, maxBytes), cut: seen > maxBytes }
}
