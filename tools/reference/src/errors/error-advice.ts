import type { ErrorSituation } from './error-situation.ts'
import { access } from './situations/access.ts'
import { authors } from './situations/authors.ts'
import { availability } from './situations/availability.ts'
import { input } from './situations/input.ts'
import { request } from './situations/request.ts'
import { rpc } from './situations/rpc.ts'
import { servletFaults } from './situations/servlet-faults.ts'
import { stores } from './situations/stores.ts'

/** Errors of the platform by the situation that callers meet them in. A test compares them with the sources. */
export const errorAdvice: readonly ErrorSituation[] = [
  input,
  request,
  rpc,
  access,
  availability,
  stores,
  servletFaults,
  authors,
]
