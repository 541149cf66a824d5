/** The lines of a byte stream, without their ends. Leaving the loop cancels the stream. */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  // Pieces of a line that has not ended: joined once, because a long line comes in many chunks.
  let pieces: string[] = []
  // A reader, because not every browser can iterate over a stream.
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      const [end, ...starts] = decoder.decode(value, { stream: !done }).split('\n')
      pieces.push(end!)
      for (const start of starts) {
        yield pieces.join('')
        pieces = [start]
      }
      if (done) break
    }
    const last = pieces.join('')
    if (last !== '') yield last
  } finally {
    // Nothing, where the stream has ended; and one that broke has said so already.
    reader.cancel().catch(() => {})
  }
}
