import * as admission from '@pulumi/kubernetes/admissionregistration/v1/index.js'
import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js'
import * as apps from '@pulumi/kubernetes/apps/v1/index.js'
import * as core from '@pulumi/kubernetes/core/v1/index.js'
import * as networking from '@pulumi/kubernetes/networking/v1/index.js'
import * as policy from '@pulumi/kubernetes/policy/v1/index.js'
import * as rbac from '@pulumi/kubernetes/rbac/v1/index.js'
import type { CustomResourceOptions, Resource } from '@pulumi/pulumi'
import type { KubernetesObject } from '../kubernetes-object.ts'

type Make = new (name: string, args: any, options?: CustomResourceOptions) => Resource

/** Pulumi's classes of the kinds that Kubernetes itself has, by `apiVersion/kind`. */
const classes: Readonly<Record<string, Make>> = {
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy': admission.ValidatingAdmissionPolicy,
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding':
    admission.ValidatingAdmissionPolicyBinding,
  'apps/v1/Deployment': apps.Deployment,
  'networking.k8s.io/v1/NetworkPolicy': networking.NetworkPolicy,
  'policy/v1/PodDisruptionBudget': policy.PodDisruptionBudget,
  'rbac.authorization.k8s.io/v1/Role': rbac.Role,
  'rbac.authorization.k8s.io/v1/RoleBinding': rbac.RoleBinding,
  'v1/ConfigMap': core.ConfigMap,
  'v1/LimitRange': core.LimitRange,
  'v1/Namespace': core.Namespace,
  'v1/PersistentVolumeClaim': core.PersistentVolumeClaim,
  'v1/ResourceQuota': core.ResourceQuota,
  'v1/Secret': core.Secret,
  'v1/Service': core.Service,
  'v1/ServiceAccount': core.ServiceAccount,
}

/** Makes the resource of an object. What Kubernetes does not have itself is a custom resource. */
export function resourceOf(name: string, object: KubernetesObject, options: CustomResourceOptions): Resource {
  const Class = classes[`${object.apiVersion}/${object.kind}`]
  return Class ? new Class(name, object, options) : new CustomResource(name, object as never, options)
}
