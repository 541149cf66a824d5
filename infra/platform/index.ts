import { join } from 'node:path'
import { placedEnvironment, readAddons, readPlacement } from '@atlas/provision'
import { clusterProvider, PlatformAddon, PlatformBase } from '@atlas/provision/pulumi'
import { getStack } from '@pulumi/pulumi'

// The stack prod: what the servlets of infra/environments/prod.json share.
const root = join(import.meta.dirname, '../..')
const placement = await readPlacement(root, getStack())
const { name, environment } = placement
const provider = clusterProvider(placement)

// Gateways are of kinds that an add-on may bring.
const addons = (await readAddons(root, environment)).map(
  (addon) => new PlatformAddon(addon.name, { addon }, { provider }),
)

new PlatformBase(
  'platform',
  { environment: placedEnvironment(name, environment), without: environment.brings },
  { provider, dependsOn: addons },
)
