import { serveThread } from './thread.js';

/** A planted fault: a thread that dies in the middle of a call. */
serveThread({
  echo: ({ text }: { readonly text: string }): string => text,
  die: (): void => process.exit(3),
  fail: (): void => {
    throw Object.assign(new Error('disk says no'), { errcode: 13 });
  },
});
