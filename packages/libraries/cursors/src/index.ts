export { cursorOf } from './cursor.ts'
