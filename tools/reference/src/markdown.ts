/** The first lines of every generated page. */
export function pageHead(title: string, from: string): string {
  return `# ${title}\n\n<!-- Generated from ${from} by \`node tools/reference/src/main.ts\`. Change those, not this file. -->\n`
}

/** A table; cells may hold any text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`)
  return `${lines.join('\n')}\n`
}

/** A text as code, or nothing where it is empty. */
export function code(text: string): string {
  if (text === '') return ''
  // Code that holds a backtick needs more of them around it.
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** Text that is not code: a `<name>` in it would be taken for HTML. */
export function prose(text: string): string {
  return text.replaceAll('<', '&lt;')
}

/** A sentence: it starts with a capital letter and ends with a full stop. */
export function sentence(text: string): string {
  const ended = /[.!?:]$/.test(text) ? text : `${text}.`
  return ended.charAt(0).toUpperCase() + ended.slice(1)
}
