import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import * as z from 'zod'

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** A password's hash, with the parameters it was made with: they may be raised while old hashes stay good. */
export const PasswordHash = z.object({
  cost: z.int(),
  blockSize: z.int(),
  parallelization: z.int(),
  salt: z.base64(),
  hash: z.base64(),
})
export type PasswordHash = z.infer<typeof PasswordHash>

/** OWASP's advice with the least memory: 16 MiB for each hash that is being computed. */
const parameters = { cost: 2 ** 14, blockSize: 8, parallelization: 5 }
const saltBytes = 16
const hashBytes = 32

/** The hash of no password, which takes as long to compare with as a real one. */
export const nobodysHash: PasswordHash = {
  ...parameters,
  salt: Buffer.alloc(saltBytes).toString('base64'),
  hash: Buffer.alloc(hashBytes).toString('base64'),
}

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(saltBytes)
  const hash = await derive(password.normalize('NFKC'), salt, hashBytes, parameters)
  return { ...parameters, salt: salt.toString('base64'), hash: hash.toString('base64') }
}

export async function isPassword(password: string, stored: PasswordHash): Promise<boolean> {
  const { cost, blockSize, parallelization } = stored
  const expected = Buffer.from(stored.hash, 'base64')
  const salt = Buffer.from(stored.salt, 'base64')
  const actual = await derive(password.normalize('NFKC'), salt, expected.length, {
    cost,
    blockSize,
    parallelization,
    maxmem: 256 * cost * blockSize,
  })
  return timingSafeEqual(actual, expected)
}
