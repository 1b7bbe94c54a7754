import type { KafkaBus, KafkaBusOptions } from './kafka-bus.js';

/** Opens the bus on a Kafka cluster; throws KAFKA_UNREACHABLE. kafkajs is read only by whoever calls this. */
export async function openKafkaBus(options: KafkaBusOptions): Promise<KafkaBus> {
  const { KafkaBus } = await import('./kafka-bus.js');
  const bus = new KafkaBus(options);
  try {
    return await bus.connect();
  } catch (error) {
    await bus.close();
    throw error;
  }
}
