/** A store as plain data: all that a process needs to open it. */
export type StorePlan =
  | { readonly kind: 'blobs'; readonly folder: string }
  | {
      readonly kind: 's3'
      readonly bucket: string
      /** What the names of its objects start with, up to and with a `/`. */
      readonly prefix: string
      /** @default what the environment says (`AWS_REGION`) */
      readonly region?: string | undefined
      /** The URL of a server other than that of AWS. */
      readonly endpoint?: string | undefined
    }
  | { readonly kind: 'postgres'; readonly url: string; readonly maxConnections: number }

/** The stores of a servlet by name. */
export type StorePlans = Readonly<Record<string, StorePlan>>
