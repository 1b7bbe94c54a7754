import type { KafkaConnection } from './kafka-client.js';
import type { TopicReader } from './topic-reader.js';

/** Opens a reader of topics that are not of this installation. kafkajs is read only by whoever calls this. */
export async function openTopicReader(connection: KafkaConnection): Promise<TopicReader> {
  const { TopicReader: Reader } = await import('./topic-reader.js');
  return new Reader(connection);
}
