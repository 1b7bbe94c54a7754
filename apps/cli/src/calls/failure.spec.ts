import { AppError } from '@millrace/core';
import { expect, it } from 'vitest';
import { toFailure } from './failure.js';

const ADDRESS = '127.0.0.1:4301';
const told = (message: string) => toFailure(new AppError('UNAVAILABLE', 'grpc', 'UNAVAILABLE', message), { address: ADDRESS, interrupted: false });

it('tells a home that went away from one that never was there, and from what is none', () => {
  for (const message of ['Connection dropped', 'read ECONNRESET']) expect(told(message)).toMatchObject({ code: 'UNAVAILABLE', reason: 'CONNECTION_LOST', message: expect.stringMatching(/^The connection to 127\.0\.0\.1:4301 was lost/) });
  expect(told('No connection established. Last error: connect ECONNREFUSED 127.0.0.1:4301')).toMatchObject({ reason: 'NOT_REACHABLE' });
  expect(told('Protocol error')).toMatchObject({ reason: 'NO_GRPC' });
});
