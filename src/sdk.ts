/** The package's entry `discovery-metrics/agent`. Runs on Node 20 and later. */
export { createDiscoveryAgent, type DiscoveryAgent } from './agent/agent.ts'
export { systemClock, type AgentClock } from './agent/clock.ts'
export { AgentError, agentErrorCodes, type AgentErrorCode } from './agent/errors.ts'
export type { ErrorListener } from './agent/error-outlet.ts'
export type { LookupFields, RegistrationFields } from './agent/fields.ts'
export type { Describe } from './agent/instrument.ts'
export type { AgentOptions } from './agent/options.ts'
export type { EventProducer, KafkaClient } from './agent/producer.ts'
export type { DnsResolver, LookupFunction, ResolverOptions } from './agent/resolver.ts'
export { serviceOfHostname, type ServiceName } from './agent/service-name.ts'
export type {
  AgentReport, CacheResult, ErrorCategory, InstanceStatus, LookupMethod, LookupOutcome, RegistrationOperation, RegistrationOutcome,
} from './contract/events.ts'
