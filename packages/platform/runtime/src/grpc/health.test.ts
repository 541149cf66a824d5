import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { enveloped } from '../rpc/envelope.ts'
import { exchange, notesDispatcher } from '../rpc/fixtures/exchange.ts'
import { framesOf } from '../rpc/fixtures/notes-codec.ts'

const headers = { 'content-type': 'application/grpc+json' }
const body = (service: string) => [enveloped(Buffer.from(JSON.stringify({ service })), 0)]

describe('health checks', () => {
  it('say of the server and of each service whether it serves', async () => {
    let ready = true
    const dispatcher = await notesDispatcher({ ready: () => ready })
    const check = async (service: string): Promise<unknown> => {
      const answer = await exchange(dispatcher, {
        path: '/grpc.health.v1.Health/Check',
        headers,
        body: body(service),
      })
      const [frame] = framesOf(answer.body)
      return frame ? JSON.parse(frame.message.toString()) : answer.headers.get('grpc-status')
    }
    expect(await check('')).toEqual({ status: 'SERVING' })
    expect(await check('notes.Notes')).toEqual({ status: 'SERVING' })
    expect(await check('grpc.health.v1.Health')).toEqual({ status: 'SERVING' })
    expect(await check('notes.Other')).toBe('5')
    ready = false
    expect(await check('')).toEqual({ status: 'NOT_SERVING' })
  })

  it('that watch say when that changes, and end when the server goes', async () => {
    let ready = true
    const dispatcher = await notesDispatcher({ ready: () => ready })
    const watching = exchange(dispatcher, {
      path: '/grpc.health.v1.Health/Watch',
      headers,
      body: body('notes.Notes'),
    })
    await setTimeout(10)
    ready = false
    const { body: frames, trailers } = await watching
    expect(framesOf(frames).map(({ message }) => JSON.parse(message.toString()))).toEqual([
      { status: 'SERVING' },
      { status: 'NOT_SERVING' },
    ])
    expect(trailers.get('grpc-status')).toBe('14')
  })

  it('that watch a service that is not there say so', async () => {
    const dispatcher = await notesDispatcher()
    const { body: frames, trailers } = await exchange(dispatcher, {
      path: '/grpc.health.v1.Health/Watch',
      headers: { ...headers, 'grpc-timeout': '50m' },
      body: body('notes.Other'),
    })
    expect(framesOf(frames).map(({ message }) => JSON.parse(message.toString()))).toEqual([
      { status: 'SERVICE_UNKNOWN' },
    ])
    expect(trailers.get('grpc-status')).toBe('4')
  })
})
