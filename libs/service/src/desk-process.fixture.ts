import { runProcess } from './index.js';
import { ingestionDesk, Journal, registryDesk } from './desk.fixture.js';

/** The fixture services as a process of their own: says where it listens, opens the gate `slow` when a line comes in. */
const journal = new Journal();
process.stdin.once('data', () => journal.open('slow'));
process.stdin.unref();
await runProcess([ingestionDesk(journal), registryDesk(journal)], ({ grpcAddress, httpAddress }) => process.stdout.write(`${grpcAddress} ${httpAddress}\n`));
