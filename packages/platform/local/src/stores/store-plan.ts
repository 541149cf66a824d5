import type { S3Place } from '@atlas/stores'

/** A store as plain data: all that a process needs to open it. */
export type StorePlan =
  | { readonly kind: 'blobs'; readonly folder: string }
  | S3Place
  | { readonly kind: 'postgres'; readonly url: string; readonly maxConnections: number }

/** The stores of a servlet by name. */
export type StorePlans = Readonly<Record<string, StorePlan>>
