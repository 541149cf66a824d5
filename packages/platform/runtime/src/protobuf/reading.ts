import type { Reader } from 'protobufjs/minimal.js'

/** As deep as other implementations read. */
const maxDepth = 100

/** Where what comes next ends, by its length. @throws RangeError */
export function endOf(reader: Reader): number {
  const size = reader.size()
  const end = reader.pos + size
  if (end > reader.len) throw new RangeError('a length goes beyond the end')
  return end
}

/** @throws RangeError where messages are nested too deep */
export function checkDepth(depth: number): void {
  if (depth > maxDepth) throw new RangeError(`messages are nested more than ${maxDepth} deep`)
}

/** @throws RangeError where something was read past the end of its message */
export function checkEnd(reader: Reader, end: number): void {
  if (reader.pos !== end) throw new RangeError('a value goes beyond the end of its message')
}
