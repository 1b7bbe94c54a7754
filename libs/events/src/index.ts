export { ASYNCAPI_VERSION, type AsyncApiOptions, describeEvents, type Json } from './asyncapi.js';
export {
  type BusHooks,
  deadLetterTopic,
  DEFAULT_CONCURRENCY,
  DEFAULT_PARTITIONS,
  DEFAULT_RETRY,
  type Delivery,
  type EventBus,
  MAX_RECORD_BYTES,
  type ReplayRange,
  type RetryPolicy,
  type StoredRecord,
  type SubscribeOptions,
  type Subscription,
  type TopicInfo,
} from './bus.js';
export { catalogue, payloadJson } from './catalogue.js';
export { type DeadLetter, RETRY_TOPIC } from './dead-letter.js';
export { type DeadLetterFilter, DeadLetters } from './dead-letters.js';
export { type BusOptions, DEFAULT_RETENTION, type EmbeddedBus, openBus, type Retention } from './embedded-bus.js';
export { EVENTS_DOMAIN } from './errors.js';
export { decodeEvent, defineEvent, dispatch, type EventAttributes, type EventContext, type EventRoute, type EventType, eventContext, type MessageCodec, onEvent, topicsOf, toRecord, traceparentOf } from './event.js';
export { HEADER_MEANINGS } from './event-headers.js';
export type { KafkaBus, KafkaBusOptions } from './kafka-bus.js';
export type { KafkaConnection } from './kafka-client.js';
export type { TopicSettings } from './kafka-topics.js';
export { openKafkaBus } from './open-kafka-bus.js';
export type { Limit as TopicLimit } from './kafka-replay.js';
export type { PartitionEnds } from './kafka-topics.js';
export { openTopicReader } from './open-topic-reader.js';
export { openSpool, type ShedReason, type Spool, type SpoolOptions, type SpoolStats } from './spool.js';
