import type { KubernetesObject } from './kubernetes-object.ts'
import { canaryOf } from './objects/canary.ts'
import { configMapOf } from './objects/config-map.ts'
import { dashboardOf } from './objects/dashboard.ts'
import { deploymentOf } from './objects/deployment.ts'
import { gatewayAliasOf } from './objects/gateway-alias.ts'
import { httpRouteOf } from './objects/http-route.ts'
import { limitRangeOf } from './objects/limit-range.ts'
import { namespaceOf } from './objects/namespace.ts'
import { defaultDenyOf, networkPolicyOf } from './objects/network-policy.ts'
import { ownerBindingOf } from './objects/owner-binding.ts'
import { ownerRoleOf } from './objects/owner-role.ts'
import { podDisruptionBudgetOf } from './objects/pod-disruption-budget.ts'
import { podMonitorOf } from './objects/pod-monitor.ts'
import { prometheusRuleOf } from './objects/prometheus-rule.ts'
import { quotaOf } from './objects/resource-quota.ts'
import { scaledObjectOf } from './objects/scaled-object.ts'
import { serviceOf } from './objects/service.ts'
import { serviceAccountOf } from './objects/service-account.ts'
import { checkRelease, type Provisioned } from './provisioned.ts'
import { withRecord } from './record.ts'

/** Makes one object of a servlet. */
export type ObjectMaker = (provisioned: Provisioned) => KubernetesObject

/**
 * What makes the objects of a servlet, what others need first. Where releases are judged, Flagger makes Services and route; else they
 * are here.
 */
export function makersFor(judged: boolean): readonly ObjectMaker[] {
  return [
    namespaceOf,
    quotaOf,
    limitRangeOf,
    defaultDenyOf,
    networkPolicyOf,
    ownerRoleOf,
    ownerBindingOf,
    serviceAccountOf,
    gatewayAliasOf,
    configMapOf,
    deploymentOf,
    podDisruptionBudgetOf,
    scaledObjectOf,
    ...(judged ? [canaryOf] : [serviceOf, httpRouteOf]),
    podMonitorOf,
    prometheusRuleOf,
    dashboardOf,
  ]
}

/**
 * Every object of a servlet in an environment, what others need first. The last one is the record of the deployment, see `withRecord`.
 *
 * @throws RangeError when the release's image is not named by its digest
 */
export function objectsOf(provisioned: Provisioned): KubernetesObject[] {
  checkRelease(provisioned)
  const objects = makersFor(provisioned.servlet.manifest.rollout.canary).map((make) => make(provisioned))
  return withRecord(provisioned, objects)
}
