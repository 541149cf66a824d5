import type { Framing } from './framing.ts'

/** One JSON value a line. A failing stream ends with a line `{"$error":{...}}`, a name that no field can have. */
export const ndjson: Framing = {
  contentType: 'application/x-ndjson',
  item: (json) => `${json}\n`,
  error: (json) => `{"$error":${json}}\n`,
  end: undefined,
  heartbeat: undefined,
}
