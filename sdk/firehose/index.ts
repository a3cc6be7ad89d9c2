export { Account } from './account'
export type * from './audiences'
export type * from './consent'
export * from './errors'
export type * from './events'
export type { HttpOptions } from './http'
export type * from './identities'
export { type LambdaHttpResponse, type LambdaProcessor, lambda } from './lambda'
export * from './messages'
export { moduleRegistration } from './module-registration'
export * from './names'
export { type NodeRequest, type NodeResponse, node } from './node'
export type { Open, TextMap, UnknownType } from './open'
export { type Logger, MessageProcessor, type ProcessorOptions } from './processor'
export { readMessage, readRegistration } from './read-message'
export type { Awaitable, Received } from './received'
export type * from './registration'
export {
  type Answer,
  audienceMembershipChangeResponse,
  audienceSubscriptionResponse,
  dsrProcessingResponse,
  eventProcessingResponse,
  moduleRegistrationResponse,
} from './response'
export type * from './runtime-environment'
export * from './settings'
export {
  handleRequest,
  type WebRequest,
  type WebResponse,
  type WorkerOptions,
  type WorkerProcessor,
  worker,
} from './worker'
export { writeMessage } from './write-message'
