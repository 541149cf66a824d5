export { cursorOf, moment, word } from './cursor.ts'
