/**
 * Says where this process listens, as one line of JSON, and ends it when whoever started it is gone: a bench that is killed
 * leaves no server behind.
 */
export function announce(port: number): void {
  process.stdin.on('end', () => process.exit()).resume()
  process.stdout.write(`${JSON.stringify({ port })}\n`)
}
