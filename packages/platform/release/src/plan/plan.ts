import * as z from 'zod'

const bump = z.enum(['none', 'patch', 'minor', 'major'])

const platform = z.strictObject({ node: z.string(), base: z.string(), runtime: z.string() })

/** Why a package is in a plan. */
const cause = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('changeset'), id: z.string() }),
  z.strictObject({ kind: z.literal('first') }),
  z.strictObject({ kind: z.literal('sources'), packages: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('range'), packages: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('platform'), changes: z.array(z.string()) }),
])

const plannedRelease = z.strictObject({
  package: z.string(),
  dir: z.string(),
  servlet: z.string().exactOptional(),
  owner: z.string().exactOptional(),
  from: z.string(),
  to: z.string(),
  bump,
  /** Certain: it is released whatever its bundle is. A candidate is released if its bundle differs from its last release. */
  certain: z.boolean(),
  causes: z.array(cause).min(1),
})

const heldRelease = z.strictObject({
  servlet: z.string(),
  package: z.string(),
  changesets: z.array(z.string()),
  by: z.array(
    z.strictObject({
      caller: z.string(),
      owner: z.string(),
      environment: z.string(),
      version: z.string(),
      breaks: z.array(z.strictObject({ rule: z.string(), path: z.string(), message: z.string() })),
    }),
  ),
  steps: z.array(z.string()),
})

/** The shape of a plan file. */
export const ReleasePlanSchema = z.strictObject({
  format: z.literal(1),
  /** The commit that it was made from. */
  commit: z.string(),
  /** The digest of all that it follows from: whoever applies it checks that nothing has changed. */
  facts: z.string(),
  releases: z.array(plannedRelease),
  held: z.array(heldRelease),
  platform: z.strictObject({ now: platform, changes: z.array(z.string()) }),
  /** Servlets in the order in which they go out: each wave after the one before it. */
  waves: z.array(z.array(z.string())),
})

/** A plan: plain data that another process can apply. */
export type ReleasePlan = z.output<typeof ReleasePlanSchema>

/** A package of a plan. */
export type PlannedRelease = z.output<typeof plannedRelease>

/** A major that waits. */
export type HeldRelease = z.output<typeof heldRelease>

/** Why a package is in a plan. */
export type Cause = z.output<typeof cause>

/**
 * Reads a plan file.
 *
 * @throws Error that says what is wrong with it
 */
export function parsePlan(text: string, file: string): ReleasePlan {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Error(
      `${file} is no JSON (${(error as Error).message}); make it with npx atlas release plan --json`,
    )
  }
  const format = (value as { format?: unknown } | null)?.format
  if (format !== undefined && format !== 1)
    throw new Error(
      `${file} has format ${String(format)}, and this version of atlas reads 1; plan with this version`,
    )
  const parsed = ReleasePlanSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(
    `${file} is no plan: ${issue?.path.join('.') || 'the document'} ${issue?.message}; make it with npx atlas release plan --json`,
  )
}
