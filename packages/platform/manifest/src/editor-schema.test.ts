import { Ajv } from 'ajv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editorSchema } from './editor-schema.ts'
import { writtenManifests } from './fixtures/written-manifests.ts'
import type { ManifestKind } from './kinds.ts'
import { checkManifest } from './parse-manifest.ts'

const kinds: ManifestKind[] = ['servlet', 'library', 'environment', 'teams']

describe.each(kinds)('the editor schema of %s', (kind) => {
  const validate = new Ajv({ strict: false, allErrors: true, formats: { date: true } }).compile(
    editorSchema(kind),
  )

  it('is the committed one', async () => {
    const text = `${JSON.stringify(editorSchema(kind), null, 2)}\n`
    await expect(text).toMatchFileSnapshot(`../schemas/${kind}.schema.json`)
  })

  it('accepts whatever the parser accepts', () => {
    fc.assert(
      fc.property(writtenManifests[kind], (written) => {
        expect(checkManifest(kind, written, 'f.json')).toMatchObject({ ok: true })
        validate(written)
        expect(validate.errors).toBeNull()
      }),
    )
  })

  it('lets $schema be written', () => {
    fc.assert(
      fc.property(writtenManifests[kind], (written) => {
        const withSchema = { $schema: './some.schema.json', ...written }
        expect(validate(withSchema)).toBe(true)
        expect(checkManifest(kind, withSchema, 'f.json')).toEqual(checkManifest(kind, written, 'f.json'))
      }),
    )
  })
})

describe('the editor schema', () => {
  const ajv = new Ajv({ strict: false, formats: { date: true } })

  const refused: { name: string; kind: ManifestKind; value: object }[] = [
    { name: 'an unknown field', kind: 'servlet', value: { owner: 'web', stors: {} } },
    { name: 'no owner', kind: 'servlet', value: {} },
    {
      name: 'two kinds in one store',
      kind: 'servlet',
      value: { owner: 'web', stores: { a: { blobs: {}, postgres: {} } } },
    },
    { name: 'a store of no kind', kind: 'servlet', value: { owner: 'web', stores: { a: {} } } },
    { name: 'a name with a hyphen', kind: 'servlet', value: { owner: 'web', config: { 'a-b': 1 } } },
    {
      name: 'a name that objects have',
      kind: 'servlet',
      value: { owner: 'web', config: { constructor: 1 } },
    },
    { name: 'null as a config value', kind: 'servlet', value: { owner: 'web', config: { a: null } } },
    { name: 'memory in millibytes', kind: 'servlet', value: { owner: 'web', limits: { memory: '256m' } } },
    { name: 'a team without contact', kind: 'teams', value: { web: { name: 'Web' } } },
    { name: 'a pin that is a range', kind: 'environment', value: { pins: { files: '^1.0.0' } } },
  ]

  it.each(refused)('refuses $name, as the parser does', ({ kind, value }) => {
    expect(ajv.compile(editorSchema(kind))(value)).toBe(false)
    expect(checkManifest(kind, value, 'f.json').ok).toBe(false)
  })
})
