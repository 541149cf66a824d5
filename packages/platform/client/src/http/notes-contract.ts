import { bytes, contract, endpoint, error, stream } from '@atlas/contract'
import * as z from 'zod'

const Note = z.object({ id: z.string(), text: z.string() })

/** A contract with one endpoint for each way that a call travels over HTTP. */
export const notes = contract('notes', {
  get: endpoint({
    route: 'GET /notes/{id}',
    input: z.object({
      id: z.string(),
      limit: z.int().optional(),
      exact: z.boolean().default(false),
      tags: z.array(z.string()).default([]),
    }),
    output: Note,
    errors: { gone: error('not_found', { since: z.string(), by: z.string().default('nobody') }) },
  }),
  set: endpoint({
    route: 'PUT /notes/{id}',
    input: z.object({ id: z.string(), text: z.string(), meta: z.object({ n: z.number() }).optional() }),
    output: Note,
  }),
  read: endpoint({ route: 'GET /raw/{path*}', input: z.object({ path: z.string() }), output: bytes() }),
  write: endpoint({
    route: 'PUT /raw/{path*}',
    input: z.object({ path: z.string(), mode: z.enum(['new', 'any']).default('any') }),
    body: bytes({ types: ['*/*', 'text/markdown'] }),
    output: z.object({ text: z.string() }),
  }),
  watch: endpoint({
    route: 'GET /watch',
    output: stream(Note),
    errors: { gone: error('not_found', { since: z.string() }) },
  }),
  clear: endpoint({ route: 'DELETE /notes' }),
})
