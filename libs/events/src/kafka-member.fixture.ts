import { openKafkaBus } from './index.js';
import { noteOf } from './records.fixture.js';

/** A member of a group in a process of its own: it tells its parent of each record and goes on when the parent has had the effect. */
async function handleForEver([brokers, prefix]: readonly string[]): Promise<void> {
  const bus = await openKafkaBus({ brokers: (brokers ?? '').split(','), prefix: prefix ?? '', sessionTimeoutMs: 3_000 });
  const waiting = new Map<string, () => void>();
  process.on('message', (id: string) => waiting.get(id)?.());
  await bus.subscribe({
    group: 'g',
    topics: ['t'],
    handler: (record) =>
      new Promise((resolve) => {
        const id = `${record.headers['ce_id']}`;
        waiting.set(id, resolve);
        process.send?.({ id, note: noteOf(record), key: record.key });
      }),
  });
  process.send?.({ ready: true });
}

const [, entry, ...args] = process.argv;
if (import.meta.filename === entry) await handleForEver(args);
