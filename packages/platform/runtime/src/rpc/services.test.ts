import { contract, endpoint } from '@atlas/contract'
import { interfaceOf } from '@atlas/interface'
import { type Servlet, servlet } from '@atlas/sdk'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { start } from '../fixtures/way.ts'
import { rpcServices } from './services.ts'

const greeting = z.object({ message: z.string() })
const before = contract('greeter', {
  greet: endpoint({
    route: 'POST /greet',
    input: z.object({ title: z.string(), name: z.string() }),
    output: greeting,
  }),
})
const now = contract('greeter', {
  greet: endpoint({
    route: 'POST /greet',
    input: z.object({ loud: z.boolean(), name: z.string() }),
    output: greeting,
  }),
})
const plain = contract('plain-http', { call: endpoint({ route: 'POST /call', grpc: false }) })
const files = contract('file-links', { listAll: endpoint({ route: 'GET /files' }) })

const instances = await Promise.all([
  start(servlet(now, { greet: async ({ name }) => ({ message: name }) }) as Servlet),
  start(servlet(plain, { call: async () => {} }) as Servlet),
  start(servlet(files, { listAll: async () => {} }) as Servlet),
])

describe('services of servlets', () => {
  it('are called after their contracts, where these are served over gRPC', () => {
    const services = rpcServices(
      instances,
      () => undefined,
      () => [],
    )
    expect(services.names()).toEqual(['file_links.FileLinks', 'greeter.Greeter'])
    expect(services.find('/file_links.FileLinks/ListAll')).toMatchObject({
      servlet: 'file-links',
      kind: 'unary',
    })
    for (const path of [
      '/file_links.FileLinks/listAll',
      '/plain_http.PlainHttp/Call',
      '/',
      '',
      '//',
      '/greeter.Greeter',
    ])
      expect(services.find(path)).toBeUndefined()
  })

  it('have the numbers of the document that they were built with, and new ones for what it lacks', () => {
    const documents = (name: string) => (name === 'greeter' ? interfaceOf(before) : undefined)
    const { request } = rpcServices(instances, documents, () => []).find('/greeter.Greeter/Greet')!.codecs
      .proto
    expect(request.encode({ name: 'ada', loud: true }, 0).toString('hex')).toBe('12036164611801')
    const { request: fresh } = rpcServices(
      instances,
      () => undefined,
      () => [],
    ).find('/greeter.Greeter/Greet')!.codecs.proto
    expect(fresh.encode({ name: 'ada', loud: true }, 0).toString('hex')).toBe('08011203616461')
  })

  it('are made one by one: what one needs is no concern of the others', () => {
    const asked: string[] = []
    const documents = (name: string): undefined => {
      asked.push(name)
      return undefined
    }
    const services = rpcServices(instances, documents, () => [])
    services.names()
    services.find('/other.Other/Call')
    services.fileWith('other.Other')
    expect(asked).toEqual([])
    services.fileNamed('greeter.proto')
    services.fileWith('greeter.GreetRequest')
    services.find('/greeter.Greeter/Greet')
    expect(asked).toEqual(['greeter'])
  })
})
