import { type InterfaceDocument, interfaceOf, pascalCase } from '@atlas/interface'
import type { Instance } from '@atlas/sdk'
import { contractFile } from '../protobuf/contract-file.ts'
import type { ProtoFile } from '../protobuf/file.ts'
import { fileDescriptor } from '../protobuf/file-descriptor.ts'
import { googleFiles } from '../protobuf/google-files.ts'
import { once } from '../protobuf/once.ts'
import { contractService, type RpcService } from './contract-methods.ts'
import type { RpcMethod } from './method.ts'

/** Finds the interface document that a servlet was built with, by its name. */
export type FindDocument = (servlet: string) => InterfaceDocument | undefined

/** Makes services of the platform, which may tell of all services. */
export type PlatformServices = (services: RpcServices) => readonly RpcService[]

/** The services that can be called. Each is made when it is first needed. */
export interface RpcServices {
  /** The method at a path, `/greeter.Greeter/Greet`. */
  find(path: string): RpcMethod | undefined
  /** The full names of all services. */
  names(): readonly string[]
  /** The descriptor of a file, by its name, and of those that it imports. */
  fileNamed(name: string): readonly Uint8Array[] | undefined
  /** The same of the file that has a service, method, message or enum of this full name. */
  fileWith(symbol: string): readonly Uint8Array[] | undefined
}

/** A service that is made when it is first needed; what it is called is known before. */
interface Maker {
  readonly package: string
  readonly fileName: string
  readonly make: () => RpcService
}

/** The services of servlets, and those of the platform. */
export function rpcServices(
  instances: readonly Instance[],
  documentOf: FindDocument,
  platform: PlatformServices,
): RpcServices {
  const makers = new Map<string, Maker>()
  for (const instance of instances) {
    const { name, endpoints } = instance.contract
    if (!Object.values(endpoints).some(({ grpc }) => grpc)) continue
    const packageName = name.replaceAll('-', '_')
    makers.set(`${packageName}.${pascalCase(name)}`, {
      package: packageName,
      fileName: `${packageName}.proto`,
      make: once(() => contractService(instance, currentDocument(instance, documentOf))),
    })
  }
  return servicesOf(makers, platform)
}

/** Descriptions of services that run elsewhere, by their documents, and the platform's own, which can be called. */
export function documentServices(
  documents: readonly InterfaceDocument[],
  platform: PlatformServices,
): RpcServices {
  const makers = new Map<string, Maker>()
  for (const document of documents) {
    const { name, endpoints } = document
    if (Object.values(endpoints).every(({ grpc }) => grpc === false)) continue
    const packageName = name.replaceAll('-', '_')
    makers.set(`${packageName}.${pascalCase(name)}`, {
      package: packageName,
      fileName: `${packageName}.proto`,
      make: once(() => ({ file: contractFile(document).file, methods: [] })),
    })
  }
  return servicesOf(makers, platform)
}

function servicesOf(makers: Map<string, Maker>, platform: PlatformServices): RpcServices {
  const methods = new Map<string, ReadonlyMap<string, RpcMethod>>()
  const methodsOf = (service: string): ReadonlyMap<string, RpcMethod> | undefined => {
    let known = methods.get(service)
    const maker = known ? undefined : makers.get(service)
    if (maker) {
      known = new Map(maker.make().methods.map((method) => [method.path, method]))
      methods.set(service, known)
    }
    return known
  }
  /** The files that may be meant: others would have to be made first. */
  const filesOf = (mayBe: (maker: Maker) => boolean): readonly ProtoFile[] => [
    ...[...makers.values()].filter(mayBe).map(({ make }) => make().file),
    ...googleFiles,
  ]
  const describe = fileDescriptions()
  const services: RpcServices = {
    find: (path) => methodsOf(path.slice(1, path.lastIndexOf('/')))?.get(path),
    names: () => [...makers.keys()].sort(),
    fileNamed: (name) =>
      describe(
        filesOf(({ fileName }) => fileName === name),
        (file) => file.name === name,
      ),
    fileWith: (symbol) =>
      describe(
        filesOf((maker) => symbol.startsWith(`${maker.package}.`)),
        (file) => hasSymbol(file, symbol),
      ),
  }
  for (const service of platform(services)) {
    const { file } = service
    for (const { name } of file.services)
      makers.set(`${file.package}.${name}`, {
        package: file.package,
        fileName: file.name,
        make: () => service,
      })
  }
  return services
}

/** What the servlet is now, with the numbers that it was built with: during development the document may be older. */
function currentDocument({ contract }: Instance, documentOf: FindDocument): InterfaceDocument {
  const previous = documentOf(contract.name)
  return interfaceOf(contract, previous ? { previous } : {})
}

/** Describes the file that is wanted, and those that it imports, after it. */
function fileDescriptions() {
  const known = new WeakMap<ProtoFile, Uint8Array>()
  const descriptor = (file: ProtoFile): Uint8Array => {
    let bytes = known.get(file)
    if (!bytes) {
      bytes = fileDescriptor(file)
      known.set(file, bytes)
    }
    return bytes
  }
  return (
    files: readonly ProtoFile[],
    wanted: (file: ProtoFile) => boolean,
  ): readonly Uint8Array[] | undefined => {
    const found = files.find(wanted)
    if (!found) return undefined
    const needed = new Set([found])
    // The set grows while it is walked: what an import imports is needed too.
    for (const { imports } of needed)
      for (const file of files) if (imports.includes(file.name)) needed.add(file)
    return [...needed].map(descriptor)
  }
}

function hasSymbol(file: ProtoFile, symbol: string): boolean {
  const named = ({ name }: { name: string }): boolean => name === symbol
  return (
    file.messages.some(named) ||
    file.enums.some(named) ||
    file.services.some((service) => {
      const name = `${file.package}.${service.name}`
      return name === symbol || service.methods.some((method) => `${name}.${method.name}` === symbol)
    })
  )
}
