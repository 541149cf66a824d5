export { type AttemptLimits, type Attempts, limitAttempts } from './attempts.ts'
export { hashPassword, isPassword, nobodysHash, PasswordHash } from './password.ts'
