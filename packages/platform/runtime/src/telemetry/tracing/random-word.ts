import { randomBytes } from 'node:crypto'

/**
 * The next of xoshiro128**, https://prng.di.unimi.it/xoshiro128starstar.c: a random uint32. Ids of traces must be unique,
 * not secret, and there is no time for a call into the operating system at every request.
 */
export function randomWord(): number {
  const result = Math.imul(rotated(Math.imul(s1, 5), 7), 9) >>> 0
  const shifted = s1 << 9
  s2 ^= s0
  s3 ^= s1
  s1 ^= s2
  s0 ^= s3
  s2 ^= shifted
  s3 = rotated(s3, 11)
  return result
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by))
}

const seed = randomBytes(16)
let s0 = seed.readInt32LE(0) | 1
let s1 = seed.readInt32LE(4)
let s2 = seed.readInt32LE(8)
let s3 = seed.readInt32LE(12)
