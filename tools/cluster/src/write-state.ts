import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addresses, nodeName } from './addresses.ts'
import {
  type Component,
  cniConfig,
  componentKubeconfig,
  containerdConfig,
  kubeconfig,
  kubeletConfig,
  kubeProxyConfig,
  kwokConfig,
} from './components.ts'
import type { Identity } from './name.ts'

/** The config that tools/toolchain/go/supervise reads; its path in a command line tells which cluster a process is of. */
export function configPath({ folder }: Identity): string {
  return join(folder, 'config.json')
}

/** The kubeconfig of the machine's side. */
export function kubeconfigPath({ folder }: Identity): string {
  return join(folder, 'kubeconfig')
}

/** Everything that `supervise` is told. */
export function superviseConfig(identity: Identity, tools: string, components: readonly Component[]): object {
  return {
    hostname: nodeName,
    state: identity.folder,
    tools,
    address: `${addresses.node}/${addresses.nodePrefix}`,
    forwards: [
      { name: 'api', to: '127.0.0.1:6443' },
      { name: 'registry', to: addresses.registry },
      { name: 'proxy', to: '' },
    ],
    components,
    names: [
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
      'localhost',
    ],
    addresses: ['127.0.0.1', addresses.node, addresses.api],
  }
}

/** Writes the folder that a cluster starts from. Nothing of an earlier one stays in it. */
export async function writeState(
  identity: Identity,
  supervise: object,
  paths: { readonly cni: string; readonly runc: string; readonly stages: readonly string[] },
): Promise<void> {
  const { folder } = identity
  await rm(folder, { recursive: true, force: true })
  for (const part of ['config/cni', 'log', 'registry', 'var/lib', 'var/log']) {
    await mkdir(join(folder, part), { recursive: true })
  }
  const write = (path: string, value: object | string) =>
    writeFile(join(folder, path), typeof value === 'string' ? value : JSON.stringify(value, undefined, 2))
  // etcd refuses a folder that others may read.
  await mkdir(join(folder, 'etcd'), { recursive: true, mode: 0o700 })
  await write('config/containerd.toml', containerdConfig(paths))
  await write('config/cni/10-pods.conflist', cniConfig)
  await write('config/kubelet.yaml', kubeletConfig(`/${identity.id}`))
  await write('config/kube-proxy.yaml', kubeProxyConfig)
  for (const name of ['admin', 'controller-manager', 'scheduler', 'kubelet', 'kube-proxy']) {
    await write(`config/${name}.kubeconfig`, componentKubeconfig(name))
  }
  // How nodes and pods that are played come to be ready, and go.
  const stages = await Promise.all(paths.stages.map((path) => readFile(path, 'utf8')))
  await write('config/kwok.yaml', [JSON.stringify(kwokConfig), ...stages].join('\n---\n'))
  await write('config.json', supervise)
}

/** The kubeconfig of a shell inside. */
export function insideKubeconfigPath({ folder }: Identity): string {
  return join(folder, 'inside.kubeconfig')
}

/** Writes the kubeconfigs that contain their certificates: of the machine's side, and of a shell inside. */
export async function writeKubeconfigs(identity: Identity, port: number): Promise<void> {
  const pki = (file: string) => readFile(join(identity.folder, 'pki', file), 'utf8')
  const [authority, certificate, key] = await Promise.all(['ca.crt', 'admin.crt', 'admin.key'].map(pki))
  const write = (path: string, server: string) => {
    const value = kubeconfig({
      server,
      authority: { data: authority! },
      certificate: { data: certificate! },
      key: { data: key! },
    })
    return writeFile(path, JSON.stringify(value, undefined, 2), { mode: 0o600 })
  }
  await write(kubeconfigPath(identity), `https://127.0.0.1:${port}`)
  await write(insideKubeconfigPath(identity), 'https://127.0.0.1:6443')
}
