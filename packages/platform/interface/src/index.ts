export { breakingRules, type ChangeRule, changeRuleIds, harmlessRules } from './compare/change-rules.ts'
export { type Bump, type Comparison, compare, type RolloutOrder } from './compare/compare.ts'
export type { Change, ChangeSeverity, ChangeWitness, Direction } from './compare/finding.ts'
export {
  type EndpointDocument,
  type EnumNumbers,
  type InterfaceDocument,
  InterfaceDocumentSchema,
  type MessageNumbers,
  type MountDocument,
  type ProtobufNumbers,
} from './document.ts'
export { type ParsedInterface, parseInterfaceDocument, stringifyInterface } from './document-text.ts'
export type { Loss, OpenApiDescription } from './import/description.ts'
export { type ImportedServlet, type ImportOptions, importOpenApi } from './import/import-openapi.ts'
export { type ReadDescription, readDescription } from './import/read-description.ts'
export { type InterfaceOptions, interfaceOf } from './interface-of.ts'
export { type JsonSchema, JsonSchemaSchema, type NamedRefinement } from './json-schema.ts'
export type { OpenApiDocument, OpenApiInfo, Operation } from './openapi/document.ts'
export { type OpenApiOptions, openApiOf } from './openapi/openapi-of.ts'
export { openApiOfProduct } from './openapi/openapi-of-product.ts'
export { InterfaceError, type InterfaceProblem } from './problem.ts'
export { protoOf } from './protobuf/proto-of.ts'
export { staleness } from './stale.ts'

// For other Atlas packages.

export { pascalCase } from './names.ts'
export { defaultJsonName, oneOfName } from './protobuf/proto-names.ts'
export {
  type Protobuf,
  type ProtobufEnum,
  type ProtobufField,
  type ProtobufMessage,
  protobufOf,
} from './protobuf/protobuf-of.ts'
export type { FieldLabel, FieldType, MethodShape, Scalar } from './protobuf/shape.ts'
