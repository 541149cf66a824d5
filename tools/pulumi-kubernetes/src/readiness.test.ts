import { expect, test } from 'vitest'
import { problemsOfPod } from './readiness.ts'
import type { Fields } from './values.ts'

const pod = (container: Fields, spec: Fields = {}): Fields => ({
  metadata: { name: 'web-1' },
  spec,
  status: { containerStatuses: [{ name: 'web', ...container }] },
})
const ended = { terminated: { exitCode: 3, message: 'no database\n' } }

test('says that a pod crashes again and again, while it backs off and between', () => {
  const waiting = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 20s' } }
  expect(problemsOfPod(pod({ restartCount: 2, state: waiting, lastState: ended }))).toEqual([
    'pod web-1, container web: CrashLoopBackOff (exit code 3: no database): back-off 20s',
  ])
  expect(problemsOfPod(pod({ restartCount: 2, state: ended }))).toEqual([
    'pod web-1, container web: crashed 3 times (exit code 3: no database)',
  ])
})

test('gives a pod time for two crashes, and leaves those of Jobs to the Job', () => {
  const waiting = { waiting: { reason: 'CrashLoopBackOff' } }
  expect(problemsOfPod(pod({ restartCount: 1, state: waiting, lastState: ended }))).toEqual([])
  expect(problemsOfPod(pod({ restartCount: 1, state: ended }))).toEqual([])
  expect(problemsOfPod(pod({ restartCount: 5, state: { running: {} }, lastState: ended }))).toEqual([])
  expect(problemsOfPod(pod({ restartCount: 5, state: { terminated: { exitCode: 0 } } }))).toEqual([])
  expect(problemsOfPod(pod({ restartCount: 5, state: ended }, { restartPolicy: 'OnFailure' }))).toEqual([])
})

test('says at once what is wrong with an image or with what a container refers to', () => {
  const waiting = { waiting: { reason: 'ImagePullBackOff', message: 'not found' } }
  expect(problemsOfPod(pod({ state: waiting }))).toEqual([
    'pod web-1, container web: ImagePullBackOff: not found',
  ])
  expect(problemsOfPod(pod({ state: { waiting: { reason: 'ContainerCreating' } } }))).toEqual([])
})
