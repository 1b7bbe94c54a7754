import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { connect } from '@millrace/rpc';
import { print } from './bare-duckdb.mjs';
import { percentile } from './in-turns.mjs';

/** Calls as fast as so many at once allow, each with a deadline, from a process of its own. */
const { address, requests, atOnce } = JSON.parse(process.argv[2]);
const client = connect(RegistryServiceDefinition, address, { observers: [], deadlineMs: 60_000 });
const waits = [];
let left = requests;
await Promise.all(Array.from({ length: atOnce }, async () => {
  while (left-- > 0) {
    const began = performance.now();
    const { name } = await client.getModelVersion({ name: 'models/late/versions/1' });
    if (name !== 'models/late/versions/1') throw new Error(`An answer named "${name}".`);
    waits.push(performance.now() - began);
  }
}));
client.close();
print({ p50: percentile(waits, 0.5), p99: percentile(waits, 0.99) });
