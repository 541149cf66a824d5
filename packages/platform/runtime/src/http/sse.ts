import type { Framing } from './framing.ts'

/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). The event `end` tells browsers
 * that the stream is complete: they take any other end for a broken connection and start it again.
 */
export const sse: Framing = {
  contentType: 'text/event-stream',
  item: (json) => `data: ${json}\n\n`,
  error: (json) => `event: error\ndata: ${json}\n\n`,
  end: 'event: end\ndata: {}\n\n',
  heartbeat: ':\n\n',
}
