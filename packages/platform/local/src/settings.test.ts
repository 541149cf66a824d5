import type { CatalogServlet, Environment } from '@atlas/manifest'
import { describe, expect, it } from 'vitest'
import { configIn, secretsOf, secretVariable } from './settings.ts'

function servlet(manifest: object): CatalogServlet {
  return {
    name: 'file-links',
    manifest: { config: {}, secrets: {}, ...manifest },
  } as unknown as CatalogServlet
}

describe('configIn', () => {
  it("takes the manifest's defaults, and the environment's values before them", () => {
    const environment = {
      config: { 'file-links': { days: 7 }, other: { days: 1 } },
    } as unknown as Environment
    expect(configIn(servlet({ config: { days: 30, motd: 'hi' } }), environment)).toEqual({
      days: 7,
      motd: 'hi',
    })
    expect(configIn(servlet({ config: { days: 30 } }), undefined)).toEqual({ days: 30 })
  })
})

describe('secretsOf', () => {
  const manifest = { secrets: { scanKey: 'API key of the scanner', salt: 'salt of tokens' } }

  it('reads variables named after servlet and secret', () => {
    const variables = { ATLAS_SECRET_FILE_LINKS_SCAN_KEY: 'a', ATLAS_SECRET_FILE_LINKS_SALT: 'b' }
    expect(secretsOf(servlet(manifest), variables)).toEqual({ scanKey: 'a', salt: 'b' })
  })

  it('names all that are missing, with what they are', () => {
    expect(() => secretsOf(servlet(manifest), {})).toThrow(
      'secrets are missing; set ATLAS_SECRET_FILE_LINKS_SCAN_KEY (API key of the scanner), ATLAS_SECRET_FILE_LINKS_SALT (salt of tokens)',
    )
  })

  it('names variables in capitals', () => {
    expect(secretVariable('files', 'scanKey')).toBe('ATLAS_SECRET_FILES_SCAN_KEY')
  })
})
