import { join } from 'node:path'
import type { ImageRecipe } from '@atlas/tools-cluster'

const server = `
const { createServer } = require('node:http')
createServer((request, response) => response.end('ok ' + process.env.HOSTNAME)).listen(8080)
process.on('SIGTERM', () => process.exit(0))
`

/** Node, and a server that it runs unless it is told something else. */
export const testServer: ImageRecipe = {
  name: 'test-server',
  tag: '1',
  contents: {
    files: {
      '/usr/local/bin/node': { from: join(import.meta.dirname, '../../../../node_modules/node/bin/node') },
      '/server.js': { text: server },
    },
    withLibrariesOf: ['/usr/local/bin/node'],
    entrypoint: ['/usr/local/bin/node', '/server.js'],
  },
}
