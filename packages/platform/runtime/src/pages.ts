import { AtlasError } from '@atlas/contract'
import { encodeJson, encodeText } from './http/encode-response.ts'
import { noSuchPage, notAllowed } from './not-served.ts'
import type { Answer, UniversalRequest } from './universal.ts'

/** What a page says. */
export interface PageText {
  readonly contentType: string
  readonly body: string
}

/** A page of a server itself. */
export type Page = (request: UniversalRequest) => PageText | Promise<PageText>

/** Pages by their paths, which begin with `/-/`. */
export type Pages = Readonly<Record<string, Page>>

/** All metrics, in the format that a scraper asks for with its `Accept`. */
export type Scrape = (accept: string | undefined) => PageText

/** What answers below `/-/`. */
export interface PageOptions {
  readonly ready: () => boolean
  /** What `/-/metrics` says. @default there are none */
  readonly scrape: Scrape | undefined
  /** Further pages. */
  readonly pages: Pages | undefined
}

const own: readonly string[] = ['/-/ready', '/-/live', '/-/metrics']
const fresh = ['cache-control', 'no-store']

/** Answers for a page of the server itself. @throws AtlasError when there is none, or it cannot be had now */
export async function answerPage(request: UniversalRequest, options: PageOptions): Promise<Answer> {
  const { method, path } = request
  const pages = options.pages ?? {}
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined
  if (!page && !own.includes(path)) throw noSuchPage(path, [...own, ...Object.keys(pages)])
  if (method !== 'GET' && method !== 'HEAD') return notAllowed(method, ['GET', 'HEAD', 'OPTIONS'])
  if (page) {
    const { contentType, body } = await page(request)
    return encodeText(body, contentType, fresh)
  }
  if (path === '/-/metrics') return metrics(request, options)
  if (path === '/-/ready' && !options.ready()) throw new AtlasError('unavailable', 'not ready')
  return encodeJson({ status: path === '/-/ready' ? 'ready' : 'live' }, fresh)
}

function metrics({ headers }: UniversalRequest, { scrape }: PageOptions): Answer {
  if (!scrape)
    throw new AtlasError('unimplemented', 'telemetry is off here, so there are no metrics', {
      httpStatus: 404,
    })
  const { contentType, body } = scrape(headers.accept as string | undefined)
  return encodeText(body, contentType, [...fresh, 'vary', 'accept'])
}
