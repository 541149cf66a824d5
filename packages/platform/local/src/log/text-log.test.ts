import { describe, expect, it } from 'vitest'
import { textLog } from './text-log.ts'

function written(log: (logger: ReturnType<typeof textLog>) => void): string[] {
  const lines: string[] = []
  log(textLog('files', (line) => lines.push(line)))
  return lines
}

describe('textLog', () => {
  it('writes time, servlet, level and message on one line', () => {
    const [line] = written((log) => log.info('swept', { removed: 3, under: 'a b' }))
    expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{3} files info swept \{ removed: 3, under: 'a b' \}$/)
  })

  it('writes an error with its stack and its cause below, indented', () => {
    const [line, stack] = written((log) =>
      log.error('failed', { error: new Error('outer', { cause: new Error('inner') }) }),
    )
    expect(line).toMatch(/files error failed$/)
    expect(stack).toMatch(/^ {4}Error: outer\n {8}at /)
    expect(stack).toContain('inner')
  })
})
