import { describe, expect, it } from 'vitest'
import { describeFields } from './describe-fields.ts'

describe('the description of fields', () => {
  it.each(['servlet', 'library', 'environment', 'teams'] as const)(
    'says what each field of %s is',
    (kind) => {
      const fields = describeFields(kind)
      expect(fields.filter(({ description }) => description === '')).toEqual([])
      for (const field of fields)
        if (field.default !== undefined) expect(field.description).toMatch(/ by default[:.]/)
    },
  )

  it('shows type, default and whether a field is required', () => {
    const byPath = new Map(describeFields('servlet').map((field) => [field.path, field]))
    expect(byPath.get('owner')).toMatchObject({ type: 'string', required: true, examples: ['"web"'] })
    expect(byPath.get('limits.replicas.min')).toMatchObject({
      type: 'integer',
      required: false,
      default: '2',
    })
    expect(byPath.get('stores.<name>.postgres.maxConnections')).toMatchObject({ default: '10' })
    expect(byPath.get('limits')?.default).toBeUndefined()
    expect(byPath.get('callers')).toMatchObject({ type: '("*" | string)[]', default: '["*"]' })
    expect(byPath.has('$schema')).toBe(false)
  })

  it('names every default as its description does', () => {
    for (const { path, default: shown, description } of describeFields('servlet'))
      if (shown !== undefined && shown !== '""')
        expect(description, path).toContain(`${shown.replace(/^"|"$/g, '')} by default`)
  })
})
