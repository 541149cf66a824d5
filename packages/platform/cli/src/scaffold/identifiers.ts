/** `file-links` -> `fileLinks`, with a suffix where JavaScript, or the code around it, has a use for the word. */
export function identifierOf(name: string, suffix: string): string {
  const id = name.replace(/-(.)/g, (_hyphen, letter: string) => letter.toUpperCase())
  return isTaken(id) ? `${id}${suffix}` : id
}

/** Whether a word cannot be the name of a variable in generated code. */
export function isTaken(word: string): boolean {
  return taken.has(word)
}

const taken = new Set(
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield async arguments eval undefined contract endpoint servlet open expect test manifest stores z'.split(
    ' ',
  ),
)
