import type { CatalogServlet } from '@atlas/manifest'
import { describe, expect, it } from 'vitest'
import { missingRoutes } from './missing-routes.ts'

const files = {
  name: 'files',
  routes: [
    { endpoint: 'list', route: 'GET /files', access: 'public' },
    { endpoint: 'upload', route: 'PUT /content/{path*}', access: 'public' },
    { endpoint: 'stat', route: 'GET /files/{id}/stat', access: 'public' },
  ],
  mounts: [{ prefix: '/legacy', access: 'public' }],
} as unknown as CatalogServlet

describe('missingRoutes', () => {
  const state = missingRoutes([files], new Map([['files', 'its code does not load']]))

  it.each(['/files', '/content/a', '/content/a/b', '/files/7/stat', '/legacy', '/legacy/x'])(
    'knows whose %s is',
    (path) => {
      expect(state(path)).toMatchObject({
        code: 'unavailable',
        message: 'files is not running: its code does not load',
      })
    },
  )

  it.each(['/', '/file', '/content', '/files/7', '/files/7/stat/x', '/legacyx'])(
    'knows nothing of %s',
    (path) => {
      expect(state(path)).toBeUndefined()
    },
  )

  it('says nothing of servlets that run', () => {
    expect(missingRoutes([files], new Map())('/files')).toBeUndefined()
  })
})
