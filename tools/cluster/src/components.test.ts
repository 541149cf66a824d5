import { expect, test } from 'vitest'
import { type Binaries, components, kubeconfig } from './components.ts'

const binaries: Binaries = {
  kubernetes: '/k',
  containerd: '/c',
  crane: '/r',
  path: ['/nft'],
  libraries: ['/lib'],
}

test('starts what others wait for first', () => {
  expect(components(binaries).map(({ name }) => name)).toEqual([
    'etcd',
    'registry',
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'containerd',
    'kubelet',
    'kube-proxy',
  ])
})

test('has kwok in the place of a node in a control plane alone', () => {
  const names = components({ ...binaries, kwok: '/kwok' }).map(({ name }) => name)
  expect(names).toContain('kwok')
  expect(names).not.toContain('kubelet')
})

test('lets kube-proxy find nft and its libraries before those of the machine', () => {
  const proxy = components(binaries).find(({ name }) => name === 'kube-proxy')
  expect(proxy?.env?.PATH).toMatch(/^\/nft:/)
  expect(proxy?.env?.LD_LIBRARY_PATH).toBe('/lib')
})

test('names files or contains them', () => {
  const of = (certificate: { file: string } | { data: string }) =>
    kubeconfig({ server: 'https://s', authority: { file: '/ca' }, certificate, key: { file: '/key' } })
  expect(of({ file: '/cert' })).toMatchObject({ users: [{ user: { 'client-certificate': '/cert' } }] })
  expect(of({ data: 'cert' })).toMatchObject({ users: [{ user: { 'client-certificate-data': 'Y2VydA==' } }] })
})
