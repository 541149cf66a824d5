import { order } from './cases.ts'
import { quietPercent } from './measure/cpu.ts'
import { atOnce, callers, patienceMs } from './measure/overload.ts'
import { waitMs } from './order.ts'
import type { Plan } from './plan.ts'

/** How it is measured, and what it does not say. */
export function method(plan: Plan, quiet: boolean): string {
  return `${quiet ? '' : `**The machine was not quiet: others used more than ${quietPercent} % of a core. Do not compare these numbers.**\n\n`}
One order of 8 lines (${JSON.stringify(order).length} bytes of JSON) is sent, and a receipt of it comes back. Every server does the same work: parses,
validates what came, runs the same handler, validates what goes, serialises. All use the compiled schemas of zod, except for
the input of fastify, which ajv validates as fastify has it; all may refuse bodies of more than 1 MiB where they can be told to.
Before anything is timed every receipt is compared with the one expected, and again before and after each turn. A turn counts
only when every answer is 2xx and as long as a receipt; anything else ends the run.

- **Atlas** is \`serve()\` as everybody gets it: metrics, 1 % of traces recorded and sent to a collector, limiter of concurrency.
  **Atlas, bare** is without telemetry and limiter, as the peers are. Peers have no telemetry.
- **NestJS** stands on fastify, the faster of its adapters; **oRPC** speaks its own protocol, the faster of its two; **grpc-js** has
  the codecs of protobufjs without the conversions of @grpc/proto-loader; **connect-node** has descriptors made at run time.
- Every case has a process of its own on one core, with \`NODE_ENV=production\`; those who ask have the other core. Processes that are
  not asked are idle. Rounds are interleaved (${plan.rounds} rounds of ${plan.seconds} s for each case, after ${plan.warmUpSeconds} s of warm-up), and each starts
  with another case.
- **capacity**: closed loop, 32 connections over HTTP/1.1 (wrk), 4 connections of 16 streams over HTTP/2 (h2load), no pipelining.
  \`cpuUsPerRequest\` is what the server's process used of its core (user and system, all threads), so that threads do not hide.
  \`othersPercent\` is what everybody else used, in percent of one core. Ratios are of medians, with the interval of a bootstrap over rounds.
- **calls**: a message of 200 bytes by Atlas's client, validated both ways, one call after the other. In-process with telemetry
  (traces recorded by 1 %, or not), without it (bare), and the validation and the handler alone (zod alone). Over the network to the
  server of the HTTP/1.1 case, by \`http2Transport\` and by \`fetch\`: the time of one call, with both processes and the kernel in it.
- **latency**: open model (vegeta), at half and three quarters of what the slowest server can do, and at half of what each can do.
  \`sent\` below \`asked\` says that the client could not send more, so that its row says little. HTTP/1.1 only.
- **unhappy**: over HTTP/1.1: orders that are refused, orders of 64 KiB, a new connection for each order.
- **overload**: an order whose handler waits for ${waitMs} ms, as for a database, and then computes for about 2 ms. What a server can
  do of them is measured in a closed loop of ${atOnce} at once, then three times as many are sent (open model, by at most ${callers} callers, each
  with a connection of its own over HTTP/1.1) for ${plan.overloadSeconds} s, then what it can do is measured again: \`capacity\` is the mean of the two. That
  ${plan.overloadRounds} times. \`goodput\` counts right answers within ${patienceMs} ms, without the first quarter of the time;
  \`p99Ms\` is of right answers however late; \`refusedShare\` is what was told to come back later. **little work** computes for about three quarters
  of a millisecond, so that a refusal costs more of it: \`(1 - 3f) / (1 - f)\` is the most that is left where a refusal costs the share \`f\` of a
  request. **computing only** is a handler that computes for 2 ms and never waits.

Client and server share one machine and its loopback interface; there is no TLS and no streaming here, and one process serves: what several
cores add is not measured.
`
}
