import { expect, test } from 'vitest'
import type { ExpositionFormat } from './exposition.ts'
import { negotiateFormat } from './negotiate-format.ts'

test.for<[what: string, accept: string | undefined, ExpositionFormat]>([
  ['nothing', undefined, 'prometheus'],
  ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'prometheus'],
  ['curl', '*/*', 'prometheus'],
  [
    'Prometheus 2.42',
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openmetrics',
  ],
  [
    'Prometheus 3, which would rather have protobuf',
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.3',
    'openmetrics',
  ],
  ['only a version we do not write', 'application/openmetrics-text;version=2.0.0', 'prometheus'],
  ['a scraper that prefers plain text', 'application/openmetrics-text;q=0.3, text/plain', 'prometheus'],
  ['one that refuses OpenMetrics', 'application/openmetrics-text;q=0', 'prometheus'],
  ['in capitals', 'Application/OpenMetrics-Text; Version=1.0.0', 'openmetrics'],
  ['nonsense', ';;,q=,\u0000', 'prometheus'],
])('%s', ([, accept, format]) => {
  expect(negotiateFormat(accept)).toBe(format)
})
