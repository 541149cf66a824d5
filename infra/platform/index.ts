import { join } from 'node:path'
import { placedEnvironment, readPlacement } from '@atlas/provision'
import { clusterProvider, PlatformBase } from '@atlas/provision/pulumi'
import { getStack } from '@pulumi/pulumi'

// The stack prod: what the servlets of infra/environments/prod.json share.
const placement = await readPlacement(join(import.meta.dirname, '../..'), getStack())
const { name, environment } = placement

new PlatformBase(
  'platform',
  { environment: placedEnvironment(name, environment), without: environment.brings },
  { provider: clusterProvider(placement) },
)
