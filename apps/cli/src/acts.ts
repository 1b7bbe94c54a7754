import type { Session } from './session.js';

/** What a command does, and its exit code; no answer means that it is done. */
export type Act = (session: Session, ...parts: never[]) => Promise<number | void>;

/** Makes an action of what is loaded only when its command is given, so that the others cost nothing. */
export type Acts = (load: () => Promise<Act>) => (...parts: unknown[]) => Promise<void>;
