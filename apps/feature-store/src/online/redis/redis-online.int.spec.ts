import { onlineSuite } from '../online.suite.js';
import { newPrefix, openIn, sharedRedis } from './redis-home.fixture.js';

const prefix = newPrefix();

onlineSuite('online features in Redis', (over) => openIn(sharedRedis(), { prefix }).open(over));
