import { type InterfaceDocument, interfaceOf, pascalCase } from '@atlas/interface'
import type { Instance } from '@atlas/sdk'
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

/** The services of servlets, and those of the platform. */
export function rpcServices(
  instances: readonly Instance[],
  documentOf: FindDocument,
  platform: PlatformServices,
): RpcServices {
  const made = new Map<string, () => RpcService>()
  for (const instance of instances)
    if (Object.values(instance.contract.endpoints).some(({ grpc }) => grpc))
      made.set(
        serviceName(instance.contract.name),
        once(() => contractService(instance, currentDocument(instance, documentOf))),
      )
  const methods = new Map<string, ReadonlyMap<string, RpcMethod>>()
  const methodsOf = (service: string): ReadonlyMap<string, RpcMethod> | undefined => {
    let known = methods.get(service)
    const make = known ? undefined : made.get(service)
    if (make) {
      known = new Map(make().methods.map((method) => [method.path, method]))
      methods.set(service, known)
    }
    return known
  }
  const files = (): Iterable<ProtoFile> => [
    ...googleFiles,
    ...new Set([...made.values()].map((make) => make().file)),
  ]
  const described = descriptions()
  const services: RpcServices = {
    find: (path) => methodsOf(path.slice(1, path.lastIndexOf('/')))?.get(path),
    names: () => [...made.keys()].sort(),
    fileNamed: (name) => described(files(), ({ name: other }) => other === name),
    fileWith(symbol) {
      // A service's own file is found without making those of the others.
      const service = made.get(symbol) ?? made.get(symbol.slice(0, symbol.lastIndexOf('.')))
      const near = service ? [service().file, ...googleFiles] : files()
      return described(near, (file) => hasSymbol(file, symbol))
    },
  }
  for (const service of platform(services))
    for (const { name } of service.file.services) made.set(`${service.file.package}.${name}`, () => service)
  return services
}

/** What the servlet is now, with the numbers that it was built with: during development the document may be older. */
function currentDocument({ contract }: Instance, documentOf: FindDocument): InterfaceDocument {
  const previous = documentOf(contract.name)
  return interfaceOf(contract, previous ? { previous } : {})
}

function serviceName(contract: string): string {
  return `${contract.replaceAll('-', '_')}.${pascalCase(contract)}`
}

type Described = (
  files: Iterable<ProtoFile>,
  wanted: (file: ProtoFile) => boolean,
) => readonly Uint8Array[] | undefined

function descriptions(): Described {
  const known = new Map<ProtoFile, Uint8Array>()
  const describe = (file: ProtoFile): Uint8Array => {
    let bytes = known.get(file)
    if (!bytes) {
      bytes = fileDescriptor(file)
      known.set(file, bytes)
    }
    return bytes
  }
  return (files, wanted) => {
    const all = [...files]
    const found = all.find(wanted)
    if (!found) return undefined
    const needed = new Set([found])
    for (const { imports } of needed)
      for (const file of all) if (imports.includes(file.name)) needed.add(file)
    return [...needed].map(describe)
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
