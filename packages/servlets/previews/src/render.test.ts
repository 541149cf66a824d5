import { expect, test } from 'vitest'
import { render } from './render.ts'

const excerpt = (name: string, text: string | Uint8Array, contentType = 'application/octet-stream') => ({
  name,
  contentType,
  bytes: typeof text === 'string' ? new TextEncoder().encode(text) : text,
  cut: false,
})

test('shows Markdown as what it means', () => {
  const page = render(excerpt('plan.md', '# Plan\n\n- [x] **write** it\n\n| a |\n| - |\n| 1 |\n'))
  expect(page).toContain('<h1>Plan</h1>')
  expect(page).toContain('<strong>write</strong>')
  expect(page).toContain('<td>1</td>')
})

test.each([
  ['a.md', '<script>alert(1)</script>'],
  ['a.md', '[click](javascript:alert(1))'],
  ['a.md', '![x](x "\\"onerror=alert(1)")'],
  ['a.txt', '</pre><script>alert(1)</script>'],
  ['a.csv', '"<script>alert(1)</script>",b'],
  ['<script>alert(1)</script>.txt', 'x'],
])('runs nothing that %s brings: %j', (name, text) => {
  const page = render(excerpt(name, text))!
  expect(page).not.toMatch(/<script|javascript:|\sonerror=/i)
})

test('shows tables, with quotes, commas and lines in cells', () => {
  expect(render(excerpt('a.csv', 'name,said\r\nAda,"Hi, ""you"""\n'))).toContain(
    '<table><tr><td>name</td><td>said</td></tr><tr><td>Ada</td><td>Hi, &#34;you&#34;</td></tr></table>',
  )
  expect(render(excerpt('a.csv', '"never closed'))).toContain('<td>&#34;never closed</td>')
  expect(render(excerpt('a.csv', ''))).toContain('<table>')
})

test('shows text that is cut in the middle of a character', () => {
  const bytes = new TextEncoder().encode('naïve é').subarray(0, -1)
  expect(render({ ...excerpt('a.txt', bytes), cut: true })).toContain('<pre>naïve </pre><p>…</p>')
})

test('shows a small image, and no half of one', () => {
  const png = { ...excerpt('a.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47), 'image/png') }
  expect(render(png)).toContain('<img src="data:image/png;base64,iVBORw==" alt="a.png">')
  expect(render({ ...png, cut: true })).toBeUndefined()
})

test('shows nothing of what is neither', () => {
  expect(render(excerpt('a.bin', Uint8Array.of(0xff, 0xfe, 0x00)))).toBeUndefined()
  expect(render(excerpt('a.bin', 'a\0b'))).toBeUndefined()
})
