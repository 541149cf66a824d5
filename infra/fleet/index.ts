import { join } from 'node:path'
import { readPlacement } from '@atlas/provision'
import { clusterProvider, ServletCluster } from '@atlas/provision/pulumi'
import { getStack } from '@pulumi/pulumi'

// The stack greeter.prod: the servlet greeter in infra/environments/prod.json, as its lock says.
const [servlet = '', environment = ''] = getStack().split('.')
const placement = await readPlacement(join(import.meta.dirname, '../..'), environment)
const provisioned = placement.provisioned(servlet)

new ServletCluster(servlet, { provisioned }, { provider: clusterProvider(placement) })

export const version: string = provisioned.release.version
export const image: string = provisioned.release.image
