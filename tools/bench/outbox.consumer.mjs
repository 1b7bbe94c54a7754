import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openKafkaBus } from '@millrace/events';

const FLUSH_MS = 10;

/** Starts a consumer in a process of its own; `seen` has the moment at which each event came, by its id. */
export async function startConsumer(brokers) {
  const child = fork(fileURLToPath(import.meta.url), [brokers.join(',')]);
  const seen = new Map();
  const ready = Promise.withResolvers();
  child.once('exit', (code) => ready.reject(new Error(`The consumer ended with code ${code}.`)));
  child.on('message', (news) => (news === 'ready' ? ready.resolve() : news.forEach(([id, time]) => seen.set(id, seen.get(id) ?? time))));
  await ready.promise;
  return {
    seen,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** The consumer itself: it tells its parent what it has seen, a moment later, so that telling does not hold up seeing. */
async function consume(brokers) {
  const bus = await openKafkaBus({ brokers: brokers.split(',') });
  let news = [];
  await bus.subscribe({ group: 'bench', topics: ['changes'], handler: async ({ headers }) => void news.push([headers.ce_id, performance.timeOrigin + performance.now()]) });
  setInterval(() => {
    if (news.length > 0) process.send(news);
    news = [];
  }, FLUSH_MS);
  process.send('ready');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await consume(process.argv[2]);
