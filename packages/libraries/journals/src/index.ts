export { type Copy, catchUp } from './catch-up.ts'
export { type Entry, type Journal, journal, since } from './journal.ts'
