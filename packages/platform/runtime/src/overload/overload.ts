import { type Admission, type AdmissionOptions, createAdmission } from './admission.ts'
import { type EventLoopGuardOptions, watchEventLoop } from './event-loop-guard.ts'
import { fixedLimit } from './fixed-limit.ts'
import { GradientLimit, type GradientLimitOptions } from './gradient-limit.ts'

/** How many requests of an endpoint run at once, and how many wait. */
export interface EndpointOverload
  extends Pick<GradientLimitOptions, 'initial' | 'min' | 'max' | 'tolerance'>,
    Pick<AdmissionOptions, 'maxQueued' | 'maxWaitMs' | 'overloadedAfterMs' | 'overloadedWaitMs'> {}

/** Options of {@link createOverload}. */
export interface OverloadOptions extends EndpointOverload {
  /** What is different for some endpoints, by `servlet.endpoint`: `{ 'files.report': { initial: 5, min: 2 } }`. */
  readonly endpoints?: Readonly<Record<string, EndpointOverload>>
  /** When the event loop counts as overloaded. */
  readonly eventLoop?: EventLoopGuardOptions
}

/** Told of each admission, once. */
export type OnAdmission = (servlet: string, endpointClass: string, admission: Admission) => void

/** What keeps a process from taking on more than it can do. One a process, whatever servers it has. */
export interface Overload {
  /**
   * The admission of an endpoint, by whichever protocol it is called. Each endpoint is a class of its own: what takes
   * long must not keep out what is quick, and a change of the mix must not look like a change of the load.
   */
  endpoint(servlet: string, endpoint: string): Admission
  /** The admission of a mounted app, which is opaque: only the event loop says when it is too much. */
  mount(servlet: string, prefix: string): Admission
  /** Tells of those that there are, and of those to come. */
  observe(listener: OnAdmission): void
  /** Stops to watch the event loop. */
  close(): void
}

/** Of a mounted app, many may wait for something: long polls, streams. */
const mountedLimit = 1000

/** As many of them run while the event loop is overloaded. */
const mountedLeast = 5

/** Makes what decides which requests of a process run. */
export function createOverload(options: OverloadOptions = {}): Overload {
  const { endpoints = {}, eventLoop, ...common } = options
  const guard = watchEventLoop(eventLoop)
  /** By servlet, then by class: a key of both would be made anew at each request. */
  const admissions = new Map<string, Map<string, Admission>>()
  const listeners: OnAdmission[] = []

  const admissionOf = (servlet: string, endpointClass: string, make: () => Admission): Admission => {
    let ofServlet = admissions.get(servlet)
    if (!ofServlet) {
      ofServlet = new Map()
      admissions.set(servlet, ofServlet)
    }
    const known = ofServlet.get(endpointClass)
    if (known) return known
    const admission = make()
    ofServlet.set(endpointClass, admission)
    for (const listener of listeners) listener(servlet, endpointClass, admission)
    return admission
  }
  return {
    endpoint: (servlet, endpoint) =>
      admissionOf(servlet, endpoint, () => {
        const own = { ...common, ...endpoints[`${servlet}.${endpoint}`] }
        return createAdmission({ ...own, limit: new GradientLimit(own), guard })
      }),
    mount: (servlet, prefix) =>
      admissionOf(servlet, prefix, () =>
        createAdmission({ limit: fixedLimit(mountedLimit, mountedLeast), guard }),
      ),
    observe(listener) {
      listeners.push(listener)
      for (const [servlet, ofServlet] of admissions)
        for (const [endpointClass, admission] of ofServlet) listener(servlet, endpointClass, admission)
    },
    close: guard.close,
  }
}
