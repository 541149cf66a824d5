export { type Documents, documents } from './documents.ts'
