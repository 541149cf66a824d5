import { durationEdges } from './bucket-edges.ts'
import { FailedSeconds } from './failed-seconds.ts'
import { Histogram } from './histogram.ts'
import { codeNames, isFailure, outcomeOfCode, outcomes } from './outcome.ts'

const inFlight = 0
const integral = 1
const changedAt = 2
const bytesIn = 3
const bytesOut = 4

/**
 * What is counted of the requests of one kind: for one endpoint by one protocol. Beginning and ending a request makes no
 * object and no string.
 */
export class RequestSeries {
  /** `servlet="files",endpoint="upload",protocol="http"`, written once. */
  readonly labels: string
  readonly codes = new Float64Array(codeNames.length)
  readonly failedSeconds = new FailedSeconds()
  /** By outcome; undefined while there was none. */
  readonly durations: (Histogram | undefined)[] = outcomes.map(() => undefined)
  readonly #values = new Float64Array(5)

  constructor(labels: string) {
    this.labels = labels
  }

  /** A request begins. @param nowMs of `performance.now()` */
  begin(nowMs: number): void {
    this.#change(nowMs, 1)
  }

  /**
   * A request is over.
   *
   * @param codeNumber see `codeNumberOf`
   * @param beganMs what `begin` was told
   * @param caller whose failures count once a second; undefined for callers from outside
   * @returns the bucket its duration fell into
   */
  end(codeNumber: number, beganMs: number, nowMs: number, caller?: string): number {
    this.#change(nowMs, -1)
    this.codes[codeNumber]! += 1
    if (isFailure(codeNumber)) this.failedSeconds.add(caller, nowMs)
    return this.#durationsOf(codeNumber).record((nowMs - beganMs) / 1000)
  }

  /** Counts the bytes of bodies. */
  addBytes(received: number, sent: number): void {
    this.#values[bytesIn]! += received
    this.#values[bytesOut]! += sent
  }

  /** Remembers the trace of the request that just ended as an example. */
  exemplify(
    codeNumber: number,
    bucket: number,
    durationMs: number,
    trace: Parameters<Histogram['exemplify']>[2],
    epochMs: number,
  ): void {
    this.#durationsOf(codeNumber).exemplify(bucket, durationMs / 1000, trace, epochMs)
  }

  get inFlight(): number {
    return this.#values[inFlight]!
  }

  get bytesIn(): number {
    return this.#values[bytesIn]!
  }

  get bytesOut(): number {
    return this.#values[bytesOut]!
  }

  /** The integral of the requests in flight over time, until now. */
  inFlightSeconds(nowMs: number): number {
    const values = this.#values
    return (values[integral]! + values[inFlight]! * Math.max(0, nowMs - values[changedAt]!)) / 1000
  }

  #durationsOf(codeNumber: number): Histogram {
    const outcome = outcomeOfCode(codeNumber)
    let histogram = this.durations[outcome]
    if (!histogram) {
      histogram = new Histogram(durationEdges)
      this.durations[outcome] = histogram
    }
    return histogram
  }

  #change(nowMs: number, by: number): void {
    const values = this.#values
    // A request that began before another one ended may say so later: time that was counted is not counted again.
    if (nowMs > values[changedAt]!) {
      values[integral]! += values[inFlight]! * (nowMs - values[changedAt]!)
      values[changedAt] = nowMs
    }
    values[inFlight]! += by
  }
}
