import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { expect, onTestFinished, test } from 'vitest'
import { createApp } from './legacy-app.ts'

/** Serves the app below a prefix, as Express itself mounts one, and returns its address. */
async function serve(prefix: string): Promise<string> {
  const server = express().use(prefix, createApp()).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`
}

test.each(['/', '/legacy'])('answers below %s', async (prefix) => {
  const site = (await serve(prefix)).replace(/\/$/, '')
  const home = await fetch(`${site}/pricing`)
  expect(home.redirected).toBe(true)
  expect(home.url).toBe(`${site}/`)
  expect(home.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(await home.text()).toContain('<li>Home: 200 GB, 3 €</li>')
  const plans = await fetch(`${site}/plans.json`)
  expect(await plans.json()).toHaveLength(3)
})

test('takes feedback, and shows it without running it', async () => {
  const site = await serve('/legacy')
  const body = new URLSearchParams({ from: 'Ada', text: '<script>alert(1)</script>' })
  const thanks = await fetch(`${site}/feedback`, { method: 'POST', body })
  expect(thanks.url).toBe(`${site}/feedback`)
  const html = await thanks.text()
  expect(html).toContain('<b>Ada</b> &#60;script&#62;')
  expect(html).not.toContain('<script>')
})

test('refuses empty feedback and bodies that are none', async () => {
  const site = await serve('/legacy')
  const empty = await fetch(`${site}/feedback`, {
    method: 'POST',
    body: new URLSearchParams({ from: 'Ada' }),
  })
  expect(empty.status).toBe(400)
  expect((await fetch(`${site}/feedback`, { method: 'POST' })).status).toBe(400)
})
