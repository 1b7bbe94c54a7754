/** What a process does with the messages of the others that share its store. */
export interface SignalListener {
  heard(message: string): void;
  /** Messages may have been lost: whatever they tell of is to be read anew. */
  missed(): void;
}

/**
 * Short messages between the processes that share a store. They only wake: what they tell of stands in the store.
 * Each is heard by the listeners of every other process, or those are told that they missed some.
 */
export interface Signals {
  /** Tells the other processes, not the own listeners; returns at once. Throws RangeError beyond MAX_SIGNAL_BYTES. */
  send(topic: string, message: string): void;
  /** Listens until the returned function is called. */
  listen(topic: string, listener: SignalListener): () => void;
  close(): Promise<void>;
}

/** Topic and message together, as UTF-8: a notification of PostgreSQL carries fewer than 8,000 bytes. */
export const MAX_SIGNAL_BYTES = 7_900;

/** A store that no other process shares: there is nobody to tell. */
export class NoSignals implements Signals {
  send(topic: string, message: string): void {
    checkSignal(topic, message);
  }

  listen(): () => void {
    return () => undefined;
  }

  async close(): Promise<void> {}
}

/** A topic is one word, so that it can stand before the message. */
export function checkSignal(topic: string, message: string): void {
  if (!/^[a-z-]+$/.test(topic)) throw new TypeError(`"${topic}" cannot be the topic of a signal: lower case letters and -.`);
  const bytes = Buffer.byteLength(topic) + 1 + Buffer.byteLength(message);
  if (bytes > MAX_SIGNAL_BYTES) throw new RangeError(`A signal about "${topic}" has ${bytes} bytes; at most ${MAX_SIGNAL_BYTES} can be told.`);
}
