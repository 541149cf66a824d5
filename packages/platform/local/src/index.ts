// For other Atlas packages.
export { type LoadedServlet, loadServlet } from './load-servlet.ts'
export { requestLine } from './log/request-line.ts'
export { textLog, type WriteLine } from './log/text-log.ts'
export { sentenceOf } from './plan.ts'
export { type Local, type LocalOptions, startLocal } from './start-local.ts'
