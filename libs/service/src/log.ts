import { currentTraceId } from '@millrace/rpc';
import { destination, type Logger, pino } from 'pino';

/** JSON lines on standard error with the trace that they belong to; payloads and secrets never go in. */
export const openLog = (level: string): Logger =>
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
      redact: { paths: ['password', 'token', 'secret', 'authorization', '*.password', '*.token', '*.secret', '*.authorization'], censor: '(hidden)' },
    },
    destination({ fd: 2, sync: true }),
  );
