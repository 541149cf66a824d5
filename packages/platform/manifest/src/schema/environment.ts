import * as z from 'zod'
import { configValue } from './config-value.ts'
import { cookies, cors } from './edge.ts'
import { groupName, servletName, storedName } from './names.ts'
import { policyDefaults } from './policies.ts'

const version = z
  .string()
  .regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, { error: ({ input }) => `'${input}' is not a version` })
  .meta({ examples: ['1.4.2'] })

const date = z.iso
  .date({ error: ({ input }) => `'${String(input)}' is not a date` })
  .meta({ examples: ['2026-11-30'] })

const freeze = z.strictObject({
  reason: z.string().min(1).describe('Why nothing changes; whoever is stopped by it reads this.'),
  until: date.exactOptional().describe('The last day of it. Until somebody removes it when left out.'),
})

/** The schema of `infra/environments/NAME.json`: where servlets run. */
export const environment = z.strictObject({
  authenticator: z
    .string()
    .regex(/^[a-z][a-z0-9-]*\.[a-z][A-Za-z0-9]*$/, {
      error: ({ input }) => `'${input}' is not an endpoint of a servlet`,
    })
    .meta({ examples: ['identity.verify'] })
    .exactOptional()
    .describe(
      'The endpoint, as servlet.endpoint, that the gateway asks who a user is. Endpoints with access "user" refuse everybody when left out.',
    ),
  cors: cors
    .exactOptional()
    .describe(
      'Pages of other origins that may call the product. None when left out: pages of its own origin need nothing.',
    ),
  cookies: cookies
    .exactOptional()
    .describe(
      'Lets pages keep the token of whoever is signed in as a cookie that scripts cannot read: POST /-/session with the token, DELETE /-/session. No cookie counts when left out.',
    ),
  domain: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, { error: ({ input }) => `'${input}' is not a domain` })
    .meta({ examples: ['acme.example'] })
    .default('localhost')
    .describe('The domain under which the product answers. localhost by default: it needs no DNS.'),
  registry: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.:/_-]*$/, { error: ({ input }) => `'${input}' is not a registry` })
    .meta({ examples: ['registry.acme.example/servlets'] })
    .exactOptional()
    .describe(
      'The OCI registry, with a path, that images come from. Servlets run from source when left out.',
    ),
  cluster: z
    .string()
    .min(1)
    .meta({ examples: ['production-eu'] })
    .exactOptional()
    .describe('The kubeconfig context of the cluster. This machine, without a cluster, when left out.'),
  prometheus: z
    .string()
    .regex(/^https?:\/\/[a-z0-9-]+\.[a-z0-9-]+(\.svc(\.[a-z0-9.-]+)?)?(:\d{1,5})?$/, {
      error: ({ input }) => `'${input}' is not the address of a Service, as in http://SERVICE.NAMESPACE:9090`,
    })
    .meta({ examples: ['http://prometheus.monitoring:9090'] })
    .default('http://prometheus.monitoring:9090')
    .describe(
      'The Prometheus of the cluster, by the name of its Service and its namespace: scalers ask it, and its namespace may read metrics. http://prometheus.monitoring:9090 by default.',
    ),
  gateway: z
    .strictObject({
      service: z
        .enum(['LoadBalancer', 'ClusterIP', 'NodePort'])
        .default('LoadBalancer')
        .describe(
          'How the public gateway is reached: the type of its Service. LoadBalancer by default: most clusters have one; ClusterIP for those that have none.',
        ),
      certificate: z
        .string()
        .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, {
          error: ({ input }) => `'${input}' is not a name of a Secret`,
        })
        .exactOptional()
        .describe(
          'The Secret, of type kubernetes.io/tls in atlas-system, with the certificate of the domain: the public gateway then speaks TLS only. Cleartext when left out, for clusters behind something that has it.',
        ),
    })
    .prefault({})
    .describe('The gateway that the public reaches.'),
  brings: z
    .array(z.enum(['gateways', 'admission']))
    .default([])
    .describe(
      'Parts of infra/platform that the cluster brings itself, so that they are not made. [] by default.',
    ),
  addons: z
    .record(
      z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, {
        error: ({ input }) => `'${String(input)}' is not a name of an add-on, as in keda`,
      }),
      z
        .string()
        .regex(/^(?!.*\.\.)[^/].*\.(yaml|yml|json)$/, {
          error: ({ input }) =>
            `'${String(input)}' is not a file of this workspace, as in infra/platform/addons/keda.yaml`,
        })
        .meta({ examples: ['infra/platform/addons/keda.yaml'] }),
    )
    .default({})
    .describe(
      'What infra/platform installs besides, such as KEDA, Flagger, Prometheus or metrics-server: by name, the file with its objects, from the root of the workspace. {} by default: the cluster brings what servlets need.',
    ),
  groups: z
    .record(groupName, z.array(servletName))
    .default({})
    .describe(
      'Servlets that share a process when they are placed in groups, by the name of the group. {} by default: each has its own.',
    ),
  defaults: policyDefaults,
  config: z
    .record(servletName, z.record(storedName, configValue))
    .default({})
    .describe("Config values of servlets here, by servlet. {} by default: the servlet's own defaults apply."),
  pins: z
    .record(servletName, version)
    .default({})
    .describe(
      'Versions that stay, by servlet: this is how an owner rolls back. {} by default: every servlet runs its newest release.',
    ),
  freezes: z
    .record(
      z.union([z.literal('*'), servletName], {
        error: ({ input }) => `'${String(input)}' is not a servlet name`,
      }),
      freeze,
    )
    .default({})
    .describe('Servlets, or "*" for all, that nothing is rolled out to. {} by default.'),
})

/** An environment with every default filled in. Its name is that of its file. */
export type Environment = z.output<typeof environment>

/** An environment as it may be written. */
export type EnvironmentWritten = z.input<typeof environment> & { readonly $schema?: string }
