let known: boolean | undefined

/**
 * Whether `fetch` can send a stream as the body of a request. Where it cannot, it turns the stream into the text
 * "[object ReadableStream]" and calls that plain text, which is how it can be told
 * (https://developer.chrome.com/docs/capabilities/web-apis/fetch-streaming-requests#feature_detection).
 */
export function canStreamRequests(): boolean {
  known ??= detect()
  return known
}

function detect(): boolean {
  let askedForDuplex = false
  const request = new Request('http://localhost', {
    method: 'POST',
    body: new ReadableStream(),
    get duplex() {
      askedForDuplex = true
      return 'half' as const
    },
  })
  return askedForDuplex && !request.headers.has('content-type')
}
