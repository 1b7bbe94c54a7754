import { useSharedServers } from '@millrace/testing';
import { deadLetterStory } from './dead-letters.suite.js';

/** Dead letters ask for no objects. */
const USED = /^MILLRACE_(?:KAFKA|DATABASE)_/;

deadLetterStory('dead letters on Kafka', async () => {
  const { env, drop } = await useSharedServers();
  return { env: Object.fromEntries(Object.entries(env).filter(([name]) => USED.test(name))), drop };
});
