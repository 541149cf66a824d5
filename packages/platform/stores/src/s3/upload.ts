import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type PutObjectCommandInput,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'

type Piece = { readonly bytes: Buffer }

/** An object to upload in pieces. */
export interface Upload extends Pick<PutObjectCommandInput, 'Bucket' | 'Key' | 'ContentType' | 'Metadata'> {
  /** What has to hold when it is complete. */
  readonly condition: { readonly IfMatch?: string; readonly IfNoneMatch?: string }
  readonly first: Piece
  readonly rest: AsyncIterable<Piece>
}

/** Uploads an object piece by piece; it appears at once, when the last is there. Returns its size in bytes. */
export async function upload(
  client: S3Client,
  { condition, first, rest, ContentType, Metadata, ...at }: Upload,
): Promise<number> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...at, ContentType, Metadata }))
  const Parts: { PartNumber: number; ETag: string | undefined }[] = []
  let sizeBytes = 0
  const send = async ({ bytes }: Piece) => {
    const PartNumber = Parts.length + 1
    const { ETag } = await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body: bytes }))
    Parts.push({ PartNumber, ETag })
    sizeBytes += bytes.byteLength
  }
  try {
    await send(first)
    for await (const piece of rest) await send(piece)
    await client.send(
      new CompleteMultipartUploadCommand({ ...at, ...condition, UploadId, MultipartUpload: { Parts } }),
    )
    return sizeBytes
  } catch (error) {
    // Its pieces would be kept, and paid for. Where this fails too, whoever plans the store clears it a day later.
    await client.send(new AbortMultipartUploadCommand({ ...at, UploadId })).catch(() => {})
    throw error
  }
}
