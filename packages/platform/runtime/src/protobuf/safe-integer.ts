import type { Reader } from 'protobufjs/minimal.js'

/**
 * Reads an int64 as a number.
 *
 * @throws RangeError beyond 2^53, where it would be another number silently
 */
export function readSafeInteger(reader: Reader): number {
  const { buf, len } = reader
  let { pos } = reader
  let low = 0
  let high = 0
  for (let shift = 0; shift < 70; shift += 7) {
    if (pos >= len) throw new RangeError('a number ends too early')
    const byte = buf[pos++]!
    const bits = byte & 127
    if (shift < 28) low |= bits << shift
    else if (shift === 28) {
      low |= bits << 28
      high |= bits >>> 4
    } else high |= bits << (shift - 32)
    if (byte < 128) {
      reader.pos = pos
      if (high === 0) return low >>> 0
      const value = high * 2 ** 32 + (low >>> 0)
      if (Number.isSafeInteger(value)) return value
      throw new RangeError('a number is beyond 2^53; send such numbers as strings')
    }
  }
  throw new RangeError('a number has more than 64 bits')
}
