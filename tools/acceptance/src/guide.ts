/** A fenced block of a guide. */
export interface Block {
  readonly language: string
  readonly text: string
  /** Where it starts, for messages. */
  readonly line: number
}

/** A command of a guide. */
export interface Command {
  readonly text: string
  /** Whether the guide says that it fails, by the comment `# fails` at its end. */
  readonly fails: boolean
}

/** The fenced blocks of a Markdown text, in order. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  const lines = markdown.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const language = /^```(\w+)/.exec(lines[at]!)?.[1]
    if (language === undefined) continue
    const end = lines.indexOf('```', at + 1)
    if (end < 0) throw new Error(`the block in line ${at + 1} has no end`)
    blocks.push({ language, text: lines.slice(at + 1, end).join('\n'), line: at + 1 })
    at = end
  }
  return blocks
}

/** The commands of a block, one a line. */
export function commandsOf(block: Block): Command[] {
  return block.text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => ({ text: line.replace(/\s+# fails$/, ''), fails: /\s# fails$/.test(line) }))
}

/**
 * The first line of a shown output that is not in the real one, in order; undefined when all are. `…` stands for anything
 * within a line; a line `…` for any lines.
 */
export function firstMissingLine(shown: string, output: string): string | undefined {
  const real = output.split('\n')
  let at = 0
  for (const line of shown.split('\n')) {
    if (line.trim() === '…' || line.trim() === '') continue
    const pattern = new RegExp(`^${line.trim().split('…').map(escaped).join('.*')}$`)
    while (at < real.length && !pattern.test(real[at]!.trim())) at++
    if (at === real.length) return line
    at++
  }
  return undefined
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
