import type { ExpositionFormat } from './exposition.ts'

/**
 * The format that a scraper asks for with its `Accept`: OpenMetrics 1.0 where it likes that at least as well as plain
 * text, as Prometheus does; else the older one, which browsers show and everything reads.
 */
export function negotiateFormat(accept: string | undefined): ExpositionFormat {
  if (accept === undefined) return 'prometheus'
  let open = 0
  let plain = 0
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
    const quality = qualityOf(parameters)
    if (type === 'application/openmetrics-text') {
      if (isServed(parameters)) open = Math.max(open, quality)
    } else if (type === 'text/plain' || type === 'text/*' || type === '*/*') plain = Math.max(plain, quality)
  }
  return open > 0 && open >= plain ? 'openmetrics' : 'prometheus'
}

function qualityOf(parameters: readonly string[]): number {
  const written = parameters.find((parameter) => parameter.startsWith('q='))
  if (written === undefined) return 1
  const quality = Number(written.slice(2))
  return quality >= 0 && quality <= 1 ? quality : 0
}

function isServed(parameters: readonly string[]): boolean {
  const version = parameters.find((parameter) => parameter.startsWith('version='))
  return version === undefined || /^version="?1\.0\.0"?$/.test(version)
}
