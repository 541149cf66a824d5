import type { Context } from '@opentelemetry/api'

/** The key of the active span in contexts of `@opentelemetry/api`: its `createContextKey` is `Symbol.for`. */
export const spanKey = Symbol.for('OpenTelemetry Context Key SPAN')

/** A context of `@opentelemetry/api`. Does not change; setting something makes another one. */
export class ApiContext implements Context {
  readonly #values: ReadonlyMap<symbol, unknown>

  constructor(values: ReadonlyMap<symbol, unknown> = new Map()) {
    this.#values = values
  }

  getValue(key: symbol): unknown {
    return this.#values.get(key)
  }

  setValue(key: symbol, value: unknown): Context {
    return new ApiContext(new Map(this.#values).set(key, value))
  }

  deleteValue(key: symbol): Context {
    const values = new Map(this.#values)
    values.delete(key)
    return new ApiContext(values)
  }
}

/** Nothing is active. */
export const emptyContext = new ApiContext()
