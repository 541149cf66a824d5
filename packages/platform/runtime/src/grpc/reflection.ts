import { codes } from '@atlas/contract'
import type { RpcService } from '../rpc/contract-methods.ts'
import { platformMethods } from '../rpc/platform-methods.ts'
import type { RpcServices } from '../rpc/services.ts'
import { reflectionFile } from './reflection-file.ts'

interface Question {
  readonly host: string
  readonly fileByFilename?: string
  readonly fileContainingSymbol?: string
  readonly fileContainingExtension?: { readonly containingType: string }
  readonly allExtensionNumbersOfType?: string
  readonly listServices?: string
}

/**
 * gRPC's reflection (https://github.com/grpc/grpc/blob/master/doc/server-reflection.md), by which tools call methods without
 * a .proto file. There are no extensions to tell of.
 */
export function reflectionService(services: RpcServices, version: 'v1' | 'v1alpha'): RpcService {
  const file = reflectionFile(version)
  return {
    file,
    methods: [
      platformMethods(file, 'ServerReflection').bidiStream('ServerReflectionInfo', async function* (inputs) {
        for await (const input of inputs) {
          const question = input as Question
          yield { validHost: question.host, originalRequest: question, ...answerOf(question, services) }
        }
      }),
    ],
  }
}

function answerOf(question: Question, services: RpcServices): object {
  const { fileByFilename, fileContainingSymbol, fileContainingExtension, allExtensionNumbersOfType } =
    question
  if (question.listServices !== undefined)
    return { listServicesResponse: { service: services.names().map((name) => ({ name })) } }
  if (fileByFilename !== undefined) return files(services.fileNamed(fileByFilename), fileByFilename)
  if (fileContainingSymbol !== undefined)
    return files(services.fileWith(fileContainingSymbol), fileContainingSymbol)
  if (allExtensionNumbersOfType !== undefined) {
    const known = services.fileWith(allExtensionNumbersOfType)
    if (!known) return notFound(allExtensionNumbersOfType)
    return {
      allExtensionNumbersResponse: { baseTypeName: allExtensionNumbersOfType, extensionNumber: [] },
    }
  }
  return notFound(
    fileContainingExtension ? `extensions of ${fileContainingExtension.containingType}` : 'this',
  )
}

function files(found: readonly Uint8Array[] | undefined, what: string): object {
  return found ? { fileDescriptorResponse: { fileDescriptorProto: found } } : notFound(what)
}

function notFound(what: string): object {
  return { errorResponse: { errorCode: codes.not_found.grpc, errorMessage: `there is no ${what}` } }
}
