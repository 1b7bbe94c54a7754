import { AppError, type Code } from '@millrace/core';
import { expect, it } from 'vitest';
import { patiently } from './patiently.js';

const fault = (code: Code) => new AppError(code, 'ingestion.millrace', 'FIXTURE', 'It said so.');

it('asks again who is away or too slow, and nobody who has answered', async () => {
  const faults = [fault('UNAVAILABLE'), fault('DEADLINE_EXCEEDED')];
  const ask = async (): Promise<string> => {
    const next = faults.shift();
    if (next) throw next;
    return 'the version';
  };
  expect(await patiently(ask, new AbortController().signal)).toBe('the version');
  faults.push(fault('NOT_FOUND'));
  await expect(patiently(ask, new AbortController().signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('asks no more when it is stopped', async () => {
  await expect(patiently(() => Promise.reject(fault('UNAVAILABLE')), AbortSignal.abort())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
