import { node, servlet } from '@atlas/sdk'
import manifest from '../servlet.json' with { type: 'json' }
import { legacy } from './contract.ts'
import { createApp } from './legacy-app.ts'

export default servlet(
  legacy,
  { manifest, mount: { '/legacy': node(async () => createApp(), { access: 'public' }) } },
  {},
)
