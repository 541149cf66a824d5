import { describe, expect, it } from 'vitest'
import { parseInterfaceDocument, stringifyInterface } from '../document-text.ts'
import { interfaceOf } from '../interface-of.ts'
import { openApiOf } from '../openapi/openapi-of.ts'
import { protoOf } from '../protobuf/proto-of.ts'
import { vault } from './vault.ts'

const document = interfaceOf(vault, {
  mounts: { '/legacy': { access: 'public', openapi: 'openapi.json' } },
  calls: { identity: ['verify', 'account'] },
})

describe('everything that is generated from the contract of a vault', () => {
  it('is the interface document', async () => {
    await expect(stringifyInterface(document)).toMatchFileSnapshot('./interface.json')
  })

  it('is the OpenAPI document', async () => {
    const openApi = openApiOf(document, { version: '1.2.3', includeInternal: true })
    await expect(`${JSON.stringify(openApi, null, 2)}\n`).toMatchFileSnapshot('./openapi.golden')
  })

  it('is the .proto', async () => {
    await expect(protoOf(document)).toMatchFileSnapshot('./vault_files.proto')
  })

  it('stays the same when it is made again from what was committed', () => {
    const text = stringifyInterface(document)
    const read = parseInterfaceDocument(text)
    if (!read.ok) throw new Error(JSON.stringify(read.problems))
    expect(stringifyInterface(read.value)).toBe(text)
    const { mounts, calls } = read.value
    expect(
      stringifyInterface(
        interfaceOf(vault, { ...(mounts && { mounts }), ...(calls && { calls }), previous: read.value }),
      ),
    ).toBe(text)
  })
})
