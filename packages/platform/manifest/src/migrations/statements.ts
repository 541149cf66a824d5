/** A statement of a file, without comments, and with the insides of its strings left out. */
export interface Statement {
  readonly sql: string
  /** Where it begins, counted from 1. */
  readonly line: number
}

/** What a statement may be full of without meaning it: comments, strings, quoted names, bodies in dollars. */
const opaque = /--[^\n]*|\/\*|'|"|\$([A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$|;/g

/** Splits SQL at its semicolons, as far as needed to see what each statement begins with. Bodies are left out. */
export function statementsOf(text: string): Statement[] {
  const statements: Statement[] = []
  let sql = ''
  let at = 0
  let start: number | undefined
  const take = (until: number) => {
    const part = text.slice(at, until)
    if (start === undefined && part.trim() !== '') start = at + part.search(/\S/)
    sql += part
  }
  const finish = () => {
    if (start !== undefined)
      statements.push({ sql: sql.trim(), line: text.slice(0, start).split('\n').length })
    sql = ''
    start = undefined
  }
  for (;;) {
    opaque.lastIndex = at
    const found = opaque.exec(text)
    take(found?.index ?? text.length)
    if (!found) break
    const [token] = found
    const after = found.index + token.length
    if (token === ';') finish()
    else if (!token.startsWith('--') && token !== '/*' && start === undefined) start = found.index
    const escaped = token === "'" && /(?<![a-z0-9_$])e$/i.test(text.slice(at, found.index))
    at =
      token === ';' || token.startsWith('--')
        ? after
        : escaped
          ? endOfEscaped(text, after)
          : endOf(text, token, after)
    sql += token === ';' ? '' : ' '
  }
  finish()
  return statements
}

/** Where what a token opened is over. */
function endOf(text: string, token: string, after: number): number {
  if (token === '/*') return endOfComment(text, after)
  const end = text.indexOf(token, after)
  return end < 0 ? text.length : end + token.length
}

/** In `E'...'` a backslash takes what follows it into the string. */
function endOfEscaped(text: string, after: number): number {
  const rest = /(?:[^'\\]|\\[\s\S]|'')*'/y
  rest.lastIndex = after
  return rest.exec(text) ? rest.lastIndex : text.length
}

/** Comments of Postgres nest. */
function endOfComment(text: string, after: number): number {
  const mark = /\/\*|\*\//g
  mark.lastIndex = after
  for (let depth = 1; depth > 0; ) {
    const found = mark.exec(text)
    if (!found) return text.length
    depth += found[0] === '/*' ? 1 : -1
  }
  return mark.lastIndex
}
