import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'

/** Any object of Kubernetes. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown }
  readonly [key: string]: any
}

/** An answer of the API server that is no success. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The API server of a cluster, asked as its administrator. */
export class Api {
  readonly #agent: Agent
  readonly #port: number

  private constructor(port: number, agent: Agent) {
    this.#port = port
    this.#agent = agent
  }

  /** Opens it by the certificates of a cluster's folder; `port` is the port of the machine's loopback. */
  static async open(pki: string, port: number): Promise<Api> {
    const [ca, cert, key] = await Promise.all(
      ['ca.crt', 'admin.crt', 'admin.key'].map((file) => readFile(`${pki}/${file}`)),
    )
    return new Api(port, new Agent({ ca: ca!, cert: cert!, key: key!, keepAlive: true }))
  }

  /**
   * Asks, and resolves with the answer's JSON (its text when it is none).
   *
   * @throws ApiError for every status from 400 on, Error when the server does not answer
   */
  async ask(method: string, path: string, body?: unknown, type = 'application/json'): Promise<any> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          host: '127.0.0.1',
          port: this.#port,
          path,
          method,
          agent: this.#agent,
          timeout: 30_000,
          headers:
            text === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) },
        },
        (response) => {
          let answer = ''
          response.setEncoding('utf8')
          response.on('data', (chunk) => {
            answer += chunk
          })
          response.on('error', reject)
          response.on('end', () => {
            const json = parse(answer)
            if (response.statusCode! < 400) return resolve(json)
            reject(new ApiError(response.statusCode!, `${method} ${path}: ${json?.message ?? answer}`))
          })
        },
      )
      asked.on('timeout', () => asked.destroy(new Error(`${method} ${path}: no answer within 30 s`)))
      asked.on('error', reject)
      asked.end(text)
    })
  }

  get(path: string): Promise<any> {
    return this.ask('GET', path)
  }

  /** Reads, with undefined for what is not there. */
  async find(path: string): Promise<any | undefined> {
    try {
      return await this.get(path)
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined
      throw error
    }
  }

  /** Lets go of the connections. */
  close(): void {
    this.#agent.destroy()
  }
}

function parse(text: string): any {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** How long to ask, and how often. */
export interface UntilOptions {
  readonly timeoutMs: number
  /** @default 200 */
  readonly everyMs?: number
  /** More of the reason, for the error. */
  readonly why?: () => Promise<string>
  /** Called after each attempt that brought nothing; what it throws ends the waiting. */
  readonly unless?: (() => Promise<void>) | undefined
}

/**
 * Asks again and again until `ask` resolves with something that is not undefined. While it throws, the last error is kept for
 * the message.
 *
 * @throws Error after `timeoutMs`, saying what was waited for and why it did not come; what `unless` throws
 */
export async function until<Value>(
  what: string,
  ask: () => Promise<Value | undefined>,
  { timeoutMs, everyMs = 200, why, unless }: UntilOptions,
): Promise<Value> {
  const end = performance.now() + timeoutMs
  let last: Error | undefined
  for (;;) {
    try {
      const value = await ask()
      if (value !== undefined) return value
      last = undefined
    } catch (error) {
      last = error as Error
    }
    await unless?.()
    if (performance.now() > end) {
      const reason = await why?.().catch((error: Error) => error.message)
      throw new Error(
        [`waited ${timeoutMs / 1000} s for ${what}`, last?.message, reason].filter(Boolean).join('\n'),
      )
    }
    await sleep(everyMs)
  }
}
