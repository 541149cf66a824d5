import * as z from 'zod'
import { teamName } from './names.ts'

/** The schema of `infra/teams.json`: who owns things. */
export const teams = z.record(
  teamName,
  z.strictObject({
    name: z
      .string()
      .min(1)
      .meta({ examples: ['Web'] })
      .describe('What people call the team.'),
    contact: z
      .string()
      .regex(/^(#\S+|[^\s@]+@[^\s@]+|https:\/\/\S+)$/, {
        error: ({ input }) => `'${input}' is not a mail address, a chat channel or a link`,
      })
      .meta({ examples: ['web@acme.example', '#web'] })
      .describe('Where the team is reached: a mail address, a #channel, or an https link.'),
    members: z
      .array(z.string().min(1))
      .default([])
      .describe('Accounts of its members, for reviews. [] by default: the code host may know better.'),
  }),
)

/** The teams by name, with every default filled in. */
export type Teams = z.output<typeof teams>

/** A team with every default filled in. */
export type Team = Teams[string]

/** The teams as they may be written. */
export type TeamsWritten = z.input<typeof teams>
