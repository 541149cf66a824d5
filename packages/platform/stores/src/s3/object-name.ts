/**
 * The name of a blob's object. Not the key itself, because S3-compatible servers that keep objects as files take `/` for
 * folders: they cannot have `a` beside `a/b`, no segment of more than 255 bytes, and list in another order. So an object's
 * name has no `/` but where it would be too long for a file, and the order of names is that of keys.
 *
 * `/` is written `.~` and `.` is `.!`: both begin with the byte before `/`, so whatever sorts before or after stays there.
 * `\`, which some servers take for `/`, is `[~`, and `[` is `[!`.
 */
const escaped: Readonly<Record<string, string>> = { '/': '.~', '.': '.!', '\\': '[~', '[': '[!' }
const unescaped = new Map(Object.entries(escaped).map(([plain, code]) => [code, plain]))

/** The most bytes of a piece between two `/`, less the mark of one that goes on. */
const pieceBytes = 240

/** Ends a piece that goes on in the next. No whole name is as long as such a piece, so it clashes with none. */
const goesOn = '+/'

/** The name of the object of a key, below the prefix of its store. */
export function objectName(key: string): string {
  const pieces = ['']
  let bytes = 0
  for (const letter of key) {
    const code = escaped[letter] ?? letter
    bytes += Buffer.byteLength(code)
    if (bytes > pieceBytes) {
      pieces.push('')
      bytes = Buffer.byteLength(code)
    }
    pieces[pieces.length - 1] += code
  }
  return pieces.join(goesOn)
}

/** The key of an object, or undefined where no key has this name: something else was put there. */
export function keyOfObject(name: string): string | undefined {
  const key = name
    .split(goesOn)
    .join('')
    .replaceAll(/[.[]./gsu, (code) => unescaped.get(code) ?? code)
  return objectName(key) === name ? key : undefined
}
