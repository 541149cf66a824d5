import { watchBytes } from '@atlas/client'
import type { ByteStream } from '@atlas/contract'
import { type EndpointRunner, type Instance, type RunningMount, runnerOf } from '@atlas/sdk'

/** An instance that knows what runs in it, so that it can be replaced under load. */
export interface CountedInstance extends Instance {
  /**
   * Closes it once nothing runs in it, or after `graceMs`. Calls that found their way to it before and begin only now, because
   * their bodies took so long, go to `successor`.
   */
  retire(successor: () => Instance | undefined, graceMs: number): Promise<void>
}

/** Counts the calls of an instance. */
export function countedInstance(instance: Instance): CountedInstance {
  let running = 0
  let successor: (() => Instance | undefined) | undefined
  let idle: (() => void) | undefined
  const begin = () => {
    running++
    let over = false
    return () => {
      if (over) return
      over = true
      running--
      if (running === 0) idle?.()
    }
  }
  const endpoints = new Map(
    [...instance.endpoints].map(([name, runner]) => {
      const now = (): EndpointRunner => {
        const next = successor?.()
        return next ? runnerOf(next, name) : runner
      }
      return [name, countedRunner(now, begin)] as const
    }),
  )
  return {
    ...instance,
    endpoints,
    mounts: instance.mounts.map((mount) => countedMount(mount, begin)),
    async retire(next, graceMs) {
      successor = next
      let timer: NodeJS.Timeout | undefined
      if (running > 0)
        await new Promise<void>((resolve) => {
          idle = resolve
          timer = setTimeout(resolve, graceMs)
        })
      clearTimeout(timer)
      await instance.close()
    },
  }
}

type Begin = () => () => void

function countedRunner(now: () => EndpointRunner, begin: Begin): EndpointRunner {
  return {
    async unary(input, body, scope) {
      const end = begin()
      let reading = false
      try {
        const answer = await now().unary(input, body, scope)
        if (!(answer instanceof ReadableStream)) return answer
        reading = true
        return watchBytes(answer as ByteStream, { ended: end })
      } finally {
        if (!reading) end()
      }
    },
    async *stream(input, scope) {
      const end = begin()
      try {
        yield* now().stream(input, scope)
      } finally {
        end()
      }
    },
  }
}

function countedMount(mount: RunningMount, begin: Begin): RunningMount {
  const { app } = mount
  if (app.kind === 'node')
    return {
      ...mount,
      app: {
        ...app,
        handle: (request, response) => {
          response.once('close', begin())
          return app.handle(request, response)
        },
      },
    }
  return {
    ...mount,
    app: {
      ...app,
      handle: async (request: Request) => {
        const end = begin()
        try {
          return await app.handle(request)
        } finally {
          end()
        }
      },
    },
  }
}
