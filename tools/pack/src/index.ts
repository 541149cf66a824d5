export { type Packed, type PackOptions, pack } from './pack.ts'
