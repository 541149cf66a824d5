import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What the compiler says of one run. */
export interface TypeCheck {
  readonly checkSeconds: number
  readonly totalSeconds: number
  readonly memoryMiB: number
  readonly types: number
  readonly instantiations: number
}

const compiler = fileURLToPath(import.meta.resolve('typescript/lib/tsc.js'))

/**
 * Type-checks a project in a process of its own.
 * @throws Error with the compiler's findings, because a program that does not check measures something else.
 */
export async function typeCheck(project: string): Promise<TypeCheck> {
  const args = [compiler, '-p', project, '--noEmit', '--extendedDiagnostics', '--pretty', 'false']
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 64 * 2 ** 20 })
    return readDiagnostics(stdout)
  } catch (error) {
    const { stdout } = error as { stdout?: string }
    const findings = stdout?.split('\n').filter((line) => line.includes('error TS')) ?? []
    if (findings.length === 0) throw error
    throw new Error(
      `${project} does not type-check (${findings.length} errors):\n${findings.slice(0, 10).join('\n')}`,
    )
  }
}

/** Reads what `--extendedDiagnostics` prints. */
export function readDiagnostics(text: string): TypeCheck {
  const number = (name: string, unit: string): number => {
    const found = new RegExp(`^${name}:\\s+([\\d.]+)${unit}$`, 'm').exec(text)
    if (!found) throw new Error(`the compiler printed no '${name}' in:\n${text}`)
    return Number(found[1])
  }
  return {
    checkSeconds: number('Check time', 's'),
    totalSeconds: number('Total time', 's'),
    memoryMiB: Math.round(number('Memory used', 'K') / 1024),
    types: number('Types', ''),
    instantiations: number('Instantiations', ''),
  }
}
