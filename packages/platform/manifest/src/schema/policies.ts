import * as z from 'zod'
import { configValue } from './config-value.ts'
import { oneKeyOf } from './one-key.ts'
import { cpuQuantity, memoryQuantity } from './quantity.ts'

// Each policy exists twice: as a servlet has it, with defaults, and as an environment overrides those defaults, without.

const availabilityPercent = z
  .number()
  .min(90)
  .lt(100)
  .describe(
    'Percent of requests that are answered without a fault of the servlet, over 30 days. 99.9 by default: 43 bad minutes a month, which one replica lost at a time can keep.',
  )

const p50 = z
  .int()
  .min(1)
  .max(600_000)
  .describe('Milliseconds within which half of the requests are answered. Not watched when left out.')

const p99 = z
  .int()
  .min(1)
  .max(600_000)
  .describe(
    'Milliseconds within which 99 of 100 requests are answered; streams are not counted. 1000 by default: a person who waits longer thinks of something else.',
  )

/** What the owner promises; alerts, dashboards and the judge of canaries measure against it. */
export const objectives = z
  .strictObject({
    availabilityPercent: availabilityPercent.default(99.9),
    latencyMs: z
      .strictObject({ p50: p50.exactOptional(), p99: p99.default(1000) })
      .superRefine(({ p50, p99 }, ctx) => {
        if (p50 === undefined || p50 <= p99) return
        const params = { remedy: 'make p50 smaller, or p99 greater' }
        ctx.addIssue({
          code: 'custom',
          path: ['p50'],
          message: `is greater than p99, which is ${p99}`,
          params,
        })
      })
      .prefault({})
      .describe('How fast it answers.'),
  })
  .prefault({})
  .describe('What the owner promises; alerts, dashboards and the judge of canaries measure against it.')

const cpu = cpuQuantity.describe(
  'Cores reserved for each replica. 250m by default: enough for some hundred requests a second, and four replicas share a core.',
)
const memory = memoryQuantity.describe(
  'Memory reserved for each replica, and its limit. 256Mi by default: Node starts in 60Mi, and the rest is for requests under way.',
)
const minReplicas = z
  .int()
  .min(1)
  .max(1000)
  .describe('Replicas at any time. 2 by default: one may be lost, or be replaced, without an outage.')
const maxReplicas = z
  .int()
  .min(1)
  .max(1000)
  .describe('Replicas at most. 10 by default: a bug that eats CPU must not eat the cluster.')

/** What a servlet may use, and reserves. */
export const limits = z
  .strictObject({
    cpu: cpu.default('250m'),
    memory: memory.default('256Mi'),
    replicas: z
      .strictObject({ min: minReplicas.default(2), max: maxReplicas.default(10) })
      .superRefine(({ min, max }, ctx) => {
        if (min <= max) return
        const params = { remedy: `raise max to ${min}, or lower min` }
        ctx.addIssue({
          code: 'custom',
          path: ['min'],
          message: `is ${min}, more than max, which is ${max}`,
          params,
        })
      })
      .prefault({})
      .describe('How many replicas the autoscaler may run.'),
  })
  .prefault({})
  .describe('What the servlet may use, and reserves.')

const canary = z
  .boolean()
  .describe(
    'Whether a release takes a growing share of the traffic and is judged before it takes all. true by default: a bad release then hurts few. false replaces all replicas at once.',
  )
const rampMinutes = z
  .int()
  .min(1)
  .max(1440)
  .describe(
    'Minutes in which a canary grows from the first requests to all. 10 by default: at 100 requests a second enough to see five times the errors.',
  )

const probe = z.strictObject({
  endpoint: z
    .string()
    .regex(/^[a-z][A-Za-z0-9]*$/, {
      error: ({ input }) => `'${String(input)}' is not the name of an endpoint`,
    })
    .meta({ examples: ['list'] })
    .describe('An endpoint that may be called at any time, because calling it changes nothing that matters.'),
  input: z.record(z.string(), configValue).default({}).describe('What it is called with. {} by default.'),
})

const whenUndecided = oneKeyOf(
  {
    extend: z.strictObject({}).describe('Takes up to three times as long, then holds.'),
    hold: z.strictObject({}).describe('Stays where it is until a person decides.'),
    promote: z.strictObject({}).describe('Takes all traffic.'),
    probe: z
      .strictObject({
        calls: z.array(probe).min(1).max(20).describe('Calls that are made in the place of traffic.'),
      })
      .describe('Calls endpoints itself, so that there is something to compare.'),
  },
  {
    none: 'says nothing to do',
    several: (given) => `is ${given} at once; one thing is done`,
    remedy: 'leave one of them',
  },
).describe(
  'What happens to a canary when its traffic has not shown enough. By the promised availability when left out: promote below 99 %, hold from 99.95 % on, extend between.',
)

/** How a release replaces the one before it. */
export const rollout = z
  .strictObject({
    canary: canary.default(true),
    rampMinutes: rampMinutes.default(10),
    whenUndecided: whenUndecided.exactOptional(),
  })
  .prefault({})
  .describe('How a release replaces the one before it.')

/** What has to be true before a version is released, besides what is always checked. */
export const release = z
  .strictObject({
    approval: oneKeyOf(
      {
        major: z.strictObject({}).describe('Majors only.'),
        every: z.strictObject({}).describe('Every release, patches because of a library too.'),
      },
      {
        none: 'says nothing to approve',
        several: (given) => `is ${given} at once; one is enough`,
        remedy: 'leave one of them',
      },
    ).describe(
      'Which releases wait until somebody of the owner says atlas release approve. None when left out: the review of the change is approval enough.',
    ),
  })
  .describe('What a release waits for. Nothing when left out.')

/** The defaults that an environment may put in the place of the platform's. */
export const policyDefaults = z
  .strictObject({
    objectives: z
      .strictObject({
        availabilityPercent: availabilityPercent.exactOptional(),
        latencyMs: z
          .strictObject({ p50: p50.exactOptional(), p99: p99.exactOptional() })
          .describe('How fast servlets answer here.')
          .exactOptional(),
      })
      .describe('What owners promise here, unless their servlet says otherwise.')
      .exactOptional(),
    limits: z
      .strictObject({
        cpu: cpu.exactOptional(),
        memory: memory.exactOptional(),
        replicas: z
          .strictObject({ min: minReplicas.exactOptional(), max: maxReplicas.exactOptional() })
          .describe('How many replicas run here.')
          .exactOptional(),
      })
      .describe('What servlets may use here, unless they say otherwise.')
      .exactOptional(),
    rollout: z
      .strictObject({
        canary: canary.exactOptional(),
        rampMinutes: rampMinutes.exactOptional(),
        whenUndecided: whenUndecided.exactOptional(),
      })
      .describe('How releases replace each other here, unless the servlet says otherwise.')
      .exactOptional(),
  })
  .default({})
  .describe(
    "Defaults of objectives, limits and rollout in this environment, such as one replica in a test environment. {} by default: the platform's own apply.",
  )
