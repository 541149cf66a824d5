const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** A uint32 as eight lower-case hex digits. */
export function hexOfWord(word: number): string {
  return (
    digits[word >>> 24]! + digits[(word >>> 16) & 255]! + digits[(word >>> 8) & 255]! + digits[word & 255]!
  )
}

/** Eight lower-case hex digits of a text as a uint32; -1 when they are something else. Makes no string. */
export function wordAt(text: string, at: number): number {
  let word = 0
  for (let index = at; index < at + 8; index += 1) {
    const digit = digitAt(text, index)
    if (digit < 0) return -1
    word = word * 16 + digit
  }
  return word
}

/** Two lower-case hex digits of a text as a number; -1 when they are something else. */
export function byteAt(text: string, at: number): number {
  const high = digitAt(text, at)
  const low = digitAt(text, at + 1)
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code >= 48 && code <= 57) return code - 48
  return code >= 97 && code <= 102 ? code - 87 : -1
}
