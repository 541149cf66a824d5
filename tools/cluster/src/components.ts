import { addresses, imageReference, inside, nodeName } from './addresses.ts'

/** A process of a cluster, as tools/toolchain/go/supervise reads it. */
export interface Component {
  readonly name: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** The address that accepts connections once it has started; the next component waits for it. */
  readonly ready?: string
}

/** Paths of binaries, as they are seen inside. */
export interface Binaries {
  readonly kubernetes: string
  readonly containerd: string
  readonly crane: string
  /** Folders that processes look for commands in, and for shared libraries. */
  readonly path: readonly string[]
  readonly libraries: readonly string[]
  /** In place of a node with containers. */
  readonly kwok?: string
}

const pki = `${inside.state}/pki`
const config = `${inside.state}/config`

/** The processes of a cluster in the order in which they start. */
export function components(binaries: Binaries): Component[] {
  const kubernetes = (name: string, flags: readonly string[], ready?: string): Component => ({
    name,
    args: [binaries.kubernetes, name, ...flags],
    ...(ready === undefined ? {} : { ready }),
  })
  const env = {
    PATH: [
      ...binaries.path,
      '/usr/local/sbin',
      '/usr/local/bin',
      '/usr/sbin',
      '/usr/bin',
      '/sbin',
      '/bin',
    ].join(':'),
    LD_LIBRARY_PATH: binaries.libraries.join(':'),
  }
  const controlPlane = [
    kubernetes('etcd', etcd, '127.0.0.1:2379'),
    {
      name: 'registry',
      args: [
        binaries.crane,
        'registry',
        'serve',
        '--address',
        addresses.registry,
        '--disk',
        `${inside.state}/registry`,
      ],
    },
    kubernetes('kube-apiserver', apiserver, '127.0.0.1:6443'),
    kubernetes('kube-controller-manager', controllerManager),
    kubernetes('kube-scheduler', [
      `--kubeconfig=${config}/scheduler.kubeconfig`,
      `--authentication-kubeconfig=${config}/scheduler.kubeconfig`,
      `--authorization-kubeconfig=${config}/scheduler.kubeconfig`,
      '--leader-elect=false',
      ...eager,
    ]),
  ]
  if (binaries.kwok !== undefined) {
    const flags = [
      '--manage-all-nodes=true',
      `--kubeconfig=${config}/admin.kubeconfig`,
      `--config=${config}/kwok.yaml`,
      // Without leases a played node says that it lives every ten minutes only, and after one of silence its pods are not ready.
      '--node-lease-duration-seconds=40',
    ]
    return [...controlPlane, { name: 'kwok', args: [binaries.kwok, ...flags] }]
  }
  return [
    ...controlPlane,
    { name: 'containerd', args: [binaries.containerd, `--config=${config}/containerd.toml`], env },
    {
      ...kubernetes('kubelet', [
        `--config=${config}/kubelet.yaml`,
        `--kubeconfig=${config}/kubelet.kubeconfig`,
        `--hostname-override=${nodeName}`,
        `--node-ip=${addresses.node}`,
      ]),
      env,
    },
    { ...kubernetes('kube-proxy', [`--config=${config}/kube-proxy.yaml`]), env },
  ]
}

const etcd = [
  `--data-dir=${inside.state}/etcd`,
  '--listen-client-urls=http://127.0.0.1:2379',
  '--advertise-client-urls=http://127.0.0.1:2379',
  '--listen-peer-urls=http://127.0.0.1:2380',
  '--initial-advertise-peer-urls=http://127.0.0.1:2380',
  '--initial-cluster=default=http://127.0.0.1:2380',
  // The state of a cluster for tests need not survive the machine.
  '--unsafe-no-fsync',
  '--log-level=warn',
]

const apiserver = [
  '--etcd-servers=http://127.0.0.1:2379',
  `--advertise-address=${addresses.node}`,
  '--secure-port=6443',
  `--tls-cert-file=${pki}/apiserver.crt`,
  `--tls-private-key-file=${pki}/apiserver.key`,
  `--client-ca-file=${pki}/ca.crt`,
  '--authorization-mode=Node,RBAC',
  '--enable-admission-plugins=NodeRestriction',
  '--allow-privileged=true',
  `--service-cluster-ip-range=${addresses.services}`,
  '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
  `--service-account-key-file=${pki}/accounts.pub`,
  `--service-account-signing-key-file=${pki}/accounts.key`,
  // It refuses to start without the names when clients and the aggregator share one authority.
  `--requestheader-client-ca-file=${pki}/ca.crt`,
  '--requestheader-allowed-names=front-proxy',
  '--requestheader-username-headers=X-Remote-User',
  '--requestheader-group-headers=X-Remote-Group',
  '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  `--proxy-client-cert-file=${pki}/front-proxy.crt`,
  `--proxy-client-key-file=${pki}/front-proxy.key`,
  '--enable-aggregator-routing=true',
  `--kubelet-client-certificate=${pki}/apiserver-kubelet.crt`,
  `--kubelet-client-key=${pki}/apiserver-kubelet.key`,
  // By its name the node cannot be found: there is no DNS for it.
  '--kubelet-preferred-address-types=InternalIP',
]

/** Of the two parts that act on every pod. By default they spare a server of many users: the controllers make 20 pods a second. */
const eager = ['--kube-api-qps=300', '--kube-api-burst=600']

const controllerManager = [
  `--kubeconfig=${config}/controller-manager.kubeconfig`,
  `--authentication-kubeconfig=${config}/controller-manager.kubeconfig`,
  `--authorization-kubeconfig=${config}/controller-manager.kubeconfig`,
  '--use-service-account-credentials=true',
  // It makes this folder; the usual one would be the machine's.
  '--flex-volume-plugin-dir=/var/lib/kubelet/volume-plugins',
  '--allocate-node-cidrs=true',
  `--cluster-cidr=${addresses.pods}`,
  `--service-cluster-ip-range=${addresses.services}`,
  `--root-ca-file=${pki}/ca.crt`,
  `--service-account-private-key-file=${pki}/accounts.key`,
  `--cluster-signing-cert-file=${pki}/ca.crt`,
  `--cluster-signing-key-file=${pki}/ca.key`,
  '--leader-elect=false',
  // Autoscalers act within seconds, not minutes, so that tests can see them act. What a start takes is no load to them, as long as the
  // usual time of a start (--horizontal-pod-autoscaler-cpu-initialization-period) stays: a shorter one ends before a slow start does.
  '--horizontal-pod-autoscaler-sync-period=3s',
  '--horizontal-pod-autoscaler-initial-readiness-delay=5s',
  '--horizontal-pod-autoscaler-downscale-stabilization=15s',
  ...eager,
]

/** Settings of containerd 1.6. */
export function containerdConfig(paths: { cni: string; runc: string }): string {
  return `version = 2
root = "${inside.state}/containerd"
state = "/run/containerd"

[grpc]
  address = "/run/containerd/containerd.sock"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${imageReference('pause', '1.0.0')}"
  # Without CAP_SYS_RESOURCE nobody may lower an OOM score, and runc says only "can't get final child's PID from pipe: EOF".
  restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "${paths.cni}"
  conf_dir = "${config}/cni"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  BinaryName = "${paths.runc}"
  SystemdCgroup = false
`
}

/** The network of pods: one bridge of the node, addresses from its range. */
export const cniConfig = {
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'pods0',
      isGateway: true,
      hairpinMode: true,
      ipMasq: false,
      ipam: {
        type: 'host-local',
        dataDir: '/run/cni',
        ranges: [[{ subnet: '10.244.0.0/24' }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
  ],
}

/** Settings of kubelet; `cgroup` is the folder that it keeps pods in. */
export function kubeletConfig(cgroup: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${pki}/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    // Kubelet 1.35 and later refuse hierarchies of cgroups v1 unless told so.
    failCgroupV1: false,
    failSwapOn: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroup,
    resolvConf: '',
    clusterDNS: [addresses.dns],
    clusterDomain: 'cluster.local',
    readOnlyPort: 0,
    serializeImagePulls: false,
    makeIPTablesUtilChains: false,
    volumePluginDir: '/var/lib/kubelet/volume-plugins',
    // The disk and the memory are the machine's: a test cluster must not throw pods out because others fill them.
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    kubeAPIQPS: 100,
    kubeAPIBurst: 200,
  }
}

/** Settings of kube-proxy. */
export const kubeProxyConfig = {
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'nftables',
  clusterCIDR: addresses.pods,
  hostnameOverride: nodeName,
  clientConnection: { kubeconfig: `${config}/kube-proxy.kubeconfig` },
  // Limits of connections are the machine's to set.
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
}

/** Settings of kwok, beside its stages. */
export const kwokConfig = {
  apiVersion: 'config.kwok.x-k8s.io/v1alpha1',
  kind: 'KwokConfiguration',
  options: {
    // By default four pods at a time wait for the server's answer to their next state.
    podPlayStageParallelism: 32,
    // Its defaults, which it forgets when it is given any.
    nodePlayStageParallelism: 4,
    nodeLeaseParallelism: 4,
    podsOnNodeSyncParallelism: 4,
  },
}

/** A kubeconfig whose certificates are files, or are contained when `contents` has them. */
export function kubeconfig(options: {
  readonly server: string
  readonly authority: { readonly file: string } | { readonly data: string }
  readonly certificate: { readonly file: string } | { readonly data: string }
  readonly key: { readonly file: string } | { readonly data: string }
}): object {
  const either = (name: string, value: { readonly file: string } | { readonly data: string }) =>
    'file' in value
      ? { [name]: value.file }
      : { [`${name}-data`]: Buffer.from(value.data).toString('base64') }
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'atlas',
        cluster: { server: options.server, ...either('certificate-authority', options.authority) },
      },
    ],
    users: [
      {
        name: 'atlas',
        user: { ...either('client-certificate', options.certificate), ...either('client-key', options.key) },
      },
    ],
    contexts: [{ name: 'atlas', context: { cluster: 'atlas', user: 'atlas' } }],
    'current-context': 'atlas',
  }
}

/** A kubeconfig of a component, for inside. */
export function componentKubeconfig(name: string): object {
  return kubeconfig({
    server: 'https://127.0.0.1:6443',
    authority: { file: `${pki}/ca.crt` },
    certificate: { file: `${pki}/${name}.crt` },
    key: { file: `${pki}/${name}.key` },
  })
}
