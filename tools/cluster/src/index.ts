export { addresses, imageReference, nodeName } from './addresses.ts'
export { Api, ApiError, type KubernetesObject, until } from './api.ts'
export { whyNoCluster } from './check.ts'
export {
  end,
  exclusively,
  findRunning,
  kubectl,
  openApi,
  type Running,
  type Shape,
  start,
} from './cluster.ts'
export { type ImageContents, writeImage } from './image.ts'
export { cachedImage, type ImageRecipe, toolImage } from './images.ts'
export { clustersOf, type Identity, identity } from './name.ts'
export { conditionIs, deploymentReady } from './ready.ts'
export { pushImage } from './registry.ts'
export { remove } from './remove.ts'
export { type SharedCluster, sharedCluster } from './shared.ts'
export { apply, push, type UpOptions, up } from './up.ts'
