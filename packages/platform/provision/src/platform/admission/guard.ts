import type { KubernetesObject } from '../../kubernetes-object.ts'
import { platformLabels } from '../../names.ts'

/** A rule that the API server holds objects to. */
export interface GuardRule {
  /** CEL that is true of what is allowed. */
  readonly expression: string
  /** CEL of the refusal: what is wrong, and what to do. */
  readonly message: string
}

/** What a guard looks at. */
export interface Guarded {
  readonly apiGroups: readonly string[]
  readonly apiVersions: readonly string[]
  readonly resources: readonly string[]
}

/** A ValidatingAdmissionPolicy and its binding, which refuses. When the API server cannot evaluate it, that is a refusal too. */
export function guard(
  name: string,
  of: {
    readonly resources: readonly Guarded[]
    readonly namespaceSelector?: object
    readonly objectSelector?: object
    readonly variables?: Readonly<Record<string, string>>
    readonly rules: readonly GuardRule[]
  },
): KubernetesObject[] {
  const { namespaceSelector, objectSelector, variables = {}, rules } = of
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name, labels: platformLabels },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          matchPolicy: 'Equivalent',
          // Written out as the server would fill them in, so that nothing differs when it is compared.
          namespaceSelector: namespaceSelector ?? {},
          objectSelector: objectSelector ?? {},
          resourceRules: of.resources.map((each) => ({
            ...each,
            operations: ['CREATE', 'UPDATE'],
            scope: '*',
          })),
        },
        variables: Object.entries(variables).map(([key, expression]) => ({ name: key, expression })),
        validations: rules.map(({ expression, message }) => ({ expression, messageExpression: message })),
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name, labels: platformLabels },
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  ]
}
