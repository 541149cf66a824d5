import Fastify from 'fastify'

const item = {
  type: 'object',
  properties: { sku: { type: 'string' }, qty: { type: 'integer' }, price: { type: 'number' } },
  required: ['sku', 'qty', 'price'],
}
const order = {
  type: 'object',
  properties: { id: { type: 'string' }, customer: { type: 'string' }, items: { type: 'array', items: item } },
  required: ['id', 'customer', 'items'],
}
const app = Fastify()
app.get(
  '/greet/:name',
  {
    schema: {
      params: { type: 'object', properties: { name: { type: 'string', minLength: 1 } } },
      response: { 200: { type: 'object', properties: { message: { type: 'string' } } } },
    },
  },
  async (r: any) => ({ message: `Hello ${r.params.name}` }),
)
app.post('/echo', { schema: { body: order, response: { 200: order } } }, async (r: any) => r.body)
await app.listen({ port: Number(process.env.PORT) })
