import { expect, it } from 'vitest'
import { parseManifest } from '../parse-manifest.ts'

const parse = (environment: object) =>
  parseManifest('environment', JSON.stringify(environment), 'infra/environments/local.json')

it('fills in defaults that are safe', () => {
  const parsed = parse({ cors: { origins: ['https://app.acme.example'] }, cookies: {} })
  expect(parsed).toMatchObject({
    ok: true,
    value: {
      cors: { credentials: false, maxAgeSeconds: 600 },
      cookies: { session: 'session', sameSite: 'lax', secure: true, maxAgeDays: 30 },
    },
  })
})

it.each([
  [{ cors: { origins: ['*'], credentials: true } }, 'cors.credentials', 'lets every page on the web act'],
  [{ cors: { origins: ['https://app.acme.example/'] } }, 'cors.origins[0]', 'is not an origin'],
  [{ cors: { origins: [] } }, 'cors.origins', ''],
  [{ cookies: { sameSite: 'none', secure: false } }, 'cookies.sameSite', 'is not kept by browsers'],
  [{ cookies: { session: 'a b' } }, 'cookies.session', 'is not a name of a cookie'],
])('refuses %j', (environment, path, message) => {
  const parsed = parse(environment)
  expect(parsed.ok).toBe(false)
  expect(parsed.findings.map((finding) => finding.path.replaceAll(/\.(\d+)/g, '[$1]'))).toEqual([path])
  expect(parsed.findings[0]!.message).toContain(message)
})
