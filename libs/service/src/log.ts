import { currentTraceId } from '@millrace/rpc';
import { destination, type DestinationStream, type Logger, pino } from 'pino';

/** What libraries hang on their errors beside words: ioredis the command that was refused, with its arguments, the password of AUTH among them. */
const OF_ERRORS = ['command'];
const SECRETS = ['password', 'token', 'secret', 'authorization'];

/** JSON lines on standard error with the trace that they belong to; payloads and secrets never go in. */
export const openLog = (level: string, stream: DestinationStream = destination({ fd: 2, sync: true })): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => {
        const trace = currentTraceId();
        return trace === '' ? {} : { trace_id: trace };
      },
      redact: { paths: [...SECRETS.flatMap((name) => [name, `*.${name}`]), ...OF_ERRORS.map((name) => `err["${name}"]`)], censor: '(hidden)' },
    },
    stream,
  );
