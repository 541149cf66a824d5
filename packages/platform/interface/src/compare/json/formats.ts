/** The formats of strings that are checked, each with values that have it. Others say nothing that could be executed. */
export interface StringFormat {
  readonly valid: (text: string) => boolean
  readonly examples: readonly string[]
}

const date = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const time = /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)$/i

function isDate(text: string): boolean {
  if (!date.test(text)) return false
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:[^\s]+$/i.test(text)
}

const formats: Readonly<Record<string, StringFormat>> = {
  date: { valid: isDate, examples: ['2026-02-28'] },
  time: { valid: (text) => time.test(text), examples: ['10:20:30Z'] },
  'date-time': {
    valid: (text) => {
      const [day = '', clock = '', ...more] = text.split(/[Tt ]/)
      return more.length === 0 && isDate(day) && time.test(clock)
    },
    examples: ['2026-02-28T10:20:30Z', '2026-02-28T10:20:30.123Z', '2026-02-28T10:20:30+01:00'],
  },
  email: {
    valid: (text) => /^[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(text),
    examples: ['ada@example.com'],
  },
  uuid: {
    valid: (text) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text),
    examples: ['6f0d1a0e-1b2c-4d3e-8f4a-5b6c7d8e9f01', '018f3f7e-7c1e-7abc-8def-0123456789ab'],
  },
  uri: { valid: isUrl, examples: ['https://example.com/a'] },
  ipv4: {
    valid: (text) => /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.|$)){4}$/.test(text),
    examples: ['192.0.2.1'],
  },
  ipv6: {
    valid: (text) => /^[0-9a-f:]*:[0-9a-f:]*(\d+\.\d+\.\d+\.\d+)?$/i.test(text),
    examples: ['2001:db8::1'],
  },
}

/** A checked format by its name in JSON Schema. */
export function stringFormat(name: string): StringFormat | undefined {
  return Object.hasOwn(formats, name) ? formats[name] : undefined
}

/** Examples of formats that are not checked here but are recognised by the pattern that zod writes beside them. */
const patterned: readonly string[] = [
  'PT1H',
  '10:20:30',
  '2026-02-28T10:20:30',
  '192.0.2.0/24',
  '2001:db8::/32',
  'aGVsbG8=',
  'aGVsbG8',
  'cjld2cjxh0000qzrmn831i7rn',
  'tz4a98xxat96iws9zmbrgj3a',
  '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  '9m4e2mr0ui3e8a215n4g',
  'V1StGXR8_Z5jdHi6B-myT',
  '+14155552671',
  'example.com',
  'eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln',
  '\u{1F600}',
]

/** Strings that have some format or other. */
export const formattedExamples: readonly string[] = [
  ...Object.values(formats).flatMap(({ examples }) => examples),
  ...patterned,
]
