import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { hasTroubles } from './during.mjs';

const PAUSE_MS = 30_000;

/** Rows that harm PostgreSQL. */
export const postgresRows = {
  'postgres-restart': {
    fault: 'kill -9 of PostgreSQL, started again after some seconds',
    holds: 'nothing acknowledged lost, no stuck pool, UNAVAILABLE with a reason meanwhile',
    async strike({ world, random }) {
      const { postgres } = world.servers;
      await postgres.kill9();
      const ms = random.between(0, 8_000);
      await sleep(ms);
      await postgres.start();
      return { told: `kill -9 of PostgreSQL, away for ${(ms / 1_000).toFixed(1)} s` };
    },
  },
  'postgres-cut': {
    fault: 'every connection to PostgreSQL is cut',
    holds: 'nothing lost, pools fill again, no call hangs',
    async strike({ world, random }) {
      const times = random.pick([1, 2, 3]);
      let cut = 0;
      for (let i = 0; i < times; i++) {
        cut += await cutConnections(world.place.direct.MILLRACE_DATABASE_URL);
        await sleep(random.between(0, 400));
      }
      return { told: `${cut} connections cut, ${times} times` };
    },
  },
  'postgres-pause': {
    fault: `PostgreSQL stands still for ${PAUSE_MS / 1_000} s, as in a failover`,
    holds: 'nothing lost, deadlines hold, services report not ready and recover by themselves',
    async strike({ world, findings }) {
      const pids = familyOf(world.servers.postgres.status()[0].pid);
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      try {
        await hasTroubles(world, findings, { ms: PAUSE_MS, what: 'store of' });
      } finally {
        for (const pid of pids) process.kill(pid, 'SIGCONT');
      }
      return { told: `${pids.length} processes of PostgreSQL stood still` };
    },
  },
};

async function cutConnections(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()')).rowCount;
  } finally {
    await client.end();
  }
}

/** A process and all that descend from it. */
function familyOf(pid) {
  const parents = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      return [[Number(name), Number(readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')[1])]];
    } catch {
      return [];
    }
  });
  const below = (id) => [id, ...parents.filter(([, parent]) => parent === id).flatMap(([child]) => below(child))];
  return below(pid);
}
