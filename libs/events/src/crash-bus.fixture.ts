import { writeSync } from 'node:fs';
import { openBus } from './index.js';
import { noteOf, recordOf } from './records.fixture.js';

const KEYS = ['a', 'b', 'c'];

/** Publishes and handles until it is killed; `p <id>` on stdout acknowledges a publication, `h <id>` is the effect of a handler. */
async function runForEver(file: string, prefix: string): Promise<void> {
  const bus = await openBus({ file });
  await bus.subscribe({ group: 'g', topics: ['t'], handler: async (record) => void writeSync(1, `h ${noteOf(record)}\n`) });
  const publisher = async (key: string): Promise<void> => {
    for (let count = 0; ; count++) {
      const id = `${prefix}-${key}-${String(count).padStart(6, '0')}`;
      await bus.publish([recordOf('t', key, id)]);
      writeSync(1, `p ${id}\n`);
    }
  };
  await Promise.all(KEYS.map(publisher));
}

const [, entry, file, prefix] = process.argv;
if (import.meta.filename === entry && file !== undefined && prefix !== undefined) await runForEver(file, prefix);
