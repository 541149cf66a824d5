import { createServer } from 'node:http'
import * as z from 'zod'

const Item = z.object({ sku: z.string(), qty: z.int(), price: z.number() })
const Order = z.compile(z.object({ id: z.string(), customer: z.string(), items: z.array(Item) }))
const In = z.compile(z.object({ name: z.string().min(1) }))
const Out = z.compile(z.object({ message: z.string() }))
const send = (res: any, text: string) => {
  res.writeHead(200, ['content-type', 'application/json', 'content-length', Buffer.byteLength(text)])
  res.end(text)
}
createServer((req, res) => {
  if (req.method === 'GET' && req.url!.startsWith('/greet/')) {
    const input = In.parse({ name: decodeURIComponent(req.url!.slice(7)) })
    send(res, JSON.stringify(Out.parse({ message: `Hello ${input.name}` })))
  } else if (req.method === 'POST' && req.url === '/echo') {
    const chunks: Buffer[] = []
    req.on('data', (c) => chunks.push(c))
    req.on('end', () =>
      send(res, JSON.stringify(Order.parse(Order.parse(JSON.parse(Buffer.concat(chunks).toString()))))),
    )
  } else {
    res.writeHead(404)
    res.end()
  }
}).listen(Number(process.env.PORT))
