import * as grpc from '@grpc/grpc-js'
import { protocol } from './server.ts'

/** Says things to whoever runs the engine. */
export class EngineLog {
  #client: any

  /** Connects to the engine; without an address everything is said to nobody. */
  connect(address: string | undefined): void {
    if (!address) return
    this.#client = new protocol.engineService.EngineClient(address, grpc.credentials.createInsecure())
  }

  /** A line that the next one replaces, such as what is waited for. */
  status(urn: string, message: string): void {
    this.#log(urn, message, protocol.engine.LogSeverity.INFO, true)
  }

  /** A warning that stays. */
  warning(urn: string, message: string): void {
    this.#log(urn, message, protocol.engine.LogSeverity.WARNING, false)
  }

  #log(urn: string, message: string, severity: number, ephemeral: boolean): void {
    if (!this.#client) return
    const request = new protocol.engine.LogRequest()
    request.setSeverity(severity)
    request.setMessage(message)
    request.setUrn(urn)
    request.setEphemeral(ephemeral)
    // What was said to an engine that has gone does not matter.
    this.#client.log(request, () => {})
  }
}
