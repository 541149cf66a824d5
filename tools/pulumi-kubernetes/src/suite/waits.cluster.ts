import { imageReference, push, remove } from '@atlas/tools-cluster'
import * as k8s from '@pulumi/kubernetes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testServer } from './images.ts'
import { openSuite, type Suite, type TestStack } from './stack.ts'

/** What is waited for, how long, and what is said of what will never be ready. */
let suite: Suite
let stack: TestStack
const namespace = 'waits'
const space = `/api/v1/namespaces/${namespace}`

beforeAll(async () => {
  suite = await openSuite()
  await push(suite.running, [testServer])
  await remove(suite.api, space)
  await suite.api.ask('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
  stack = await suite.stack('waits')
})

afterAll(async () => {
  await stack?.destroy()
  await remove(suite.api, space)
  await suite?.close()
})

const image = imageReference('test-server', '1')

/** A Deployment of one pod that runs a line of JavaScript, or the server of the image. */
function deployment(
  name: string,
  { line, ready = '/', from = image }: { line?: string | undefined; ready?: string; from?: string },
  annotations: Record<string, string> = {},
): void {
  const matchLabels = { app: name }
  new k8s.apps.v1.Deployment(name, {
    metadata: { namespace, annotations },
    spec: {
      selector: { matchLabels },
      template: {
        metadata: { labels: matchLabels },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'main',
              image: from,
              terminationMessagePolicy: 'FallbackToLogsOnError',
              ...(line === undefined ? {} : { command: ['node', '-e', line] }),
              readinessProbe: { httpGet: { path: ready, port: 8080 }, periodSeconds: 1 },
            },
          ],
        },
      },
    },
  })
}

/** Objects that work, or each of which fails in its own way. */
function program({ broken }: { broken: boolean }) {
  return async () => {
    const crash = 'console.error("no database at 10.0.0.1"); process.exit(3)'
    deployment('crashes', { line: broken ? crash : undefined })
    deployment('missing', { from: broken ? imageReference('no-such-image', '1') : image })
    deployment(
      'slow',
      // Nobody listens there.
      { line: broken ? 'setInterval(() => {}, 1000)' : undefined },
      { 'pulumi.com/timeoutSeconds': broken ? '5' : '300' },
    )
    deployment('ignored', { line: 'setInterval(() => {}, 1000)' }, { 'pulumi.com/skipAwait': 'true' })
    new k8s.batch.v1.Job('fails', {
      metadata: { namespace },
      spec: {
        backoffLimit: 0,
        template: {
          spec: {
            restartPolicy: 'Never',
            containers: [{ name: 'main', image, command: ['node', '-e', broken ? 'process.exit(4)' : '0'] }],
          },
        },
      },
    })
  }
}

test('says of each why it is not ready, with the reason of its pod', async () => {
  const failure = await stack.failure(program({ broken: true }))
  expect(failure).toMatch(
    /pod crashes-\S+, container main: (CrashLoopBackOff|crashed \d+ times) \(exit code 3: no database at 10\.0\.0\.1\)/,
  )
  expect(failure).toMatch(/pod missing-\S+, container main: ImagePullBackOff/)
  expect(failure).toMatch(/Deployment \(slow\):\s+error: 1 error occurred:\s+\* after 5 s: 0 of 1 pods/)
  expect(failure).toMatch(
    /Job \(fails\):\s+error: 1 error occurred:\s+\* the Job has failed: .*backoff limit/,
  )
  expect(failure).not.toContain('Deployment (ignored)')
  // Nothing waited for the timeout, which is ten minutes.
  expect(failure).not.toContain('after 600 s')
})

test('keeps what is not ready, and updates it in the next run, until it is', async () => {
  // Nothing of the program has changed, and still they are not what they should be.
  expect(await stack.preview(program({ broken: true }))).toEqual({ update: 4 })
  expect(await stack.steps(program({ broken: false }))).toEqual({
    crashes: 'update',
    missing: 'update',
    slow: 'update',
    fails: 'replace',
  })
  expect(await stack.preview(program({ broken: false }))).toEqual({})
})
