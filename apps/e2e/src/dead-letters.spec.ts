import { deadLetterStory } from './dead-letters.suite.js';

deadLetterStory('dead letters in one process', async () => ({ env: {}, drop: async () => undefined }));
