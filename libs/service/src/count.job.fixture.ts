import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineErrors } from '@millrace/core';
import { runJob } from '@millrace/jobs';

const errors = defineErrors('fixture.millrace', { NO_TARGET: { code: 'FAILED_PRECONDITION', message: 'Column {column} is not there.' } });

export interface CountArgument {
  readonly to: number;
  /** Gets a line when the job begins and one when it ends. */
  readonly ledger?: string;
  readonly fails?: boolean;
  /** Goes on until it is cancelled. */
  readonly endless?: boolean;
}

/** Counts, tells every step, and gives the sum. */
await runJob(async ({ to, ledger, fails = false, endless = false }: CountArgument, { id, signal, progress }) => {
  if (ledger !== undefined) appendFileSync(ledger, `begin ${id}\n`);
  let sum = 0;
  for (let i = 1; i <= to; i++) progress({ step: `number ${i}`, done: (sum += i), total: (to * (to + 1)) / 2 });
  if (fails) throw errors.NO_TARGET({ column: 'late' });
  while (endless) await sleep(20, undefined, { signal }).catch(() => signal.throwIfAborted());
  if (ledger !== undefined) appendFileSync(ledger, `end ${id}\n`);
  return { sum, traceparent: process.env['TRACEPARENT'] };
});
