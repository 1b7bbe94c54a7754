import { Run_State } from '@millrace/contracts/millrace/registry/v1/experiment';
import { AppError } from '@millrace/core';
import { expect } from 'vitest';
import { CONTRACTS, type DeclaredRpc, rpcsOf } from '../completeness/contracts.js';
import { isNamed, NAME_FIELDS } from '../completeness/rpc-demands.js';
import type { Home } from '../home/home.js';
import type { Case } from './case.js';

/** What no resource is called: empty, no path, a path that leaves its place, letters and lengths that no id has. */
const MALFORMED = ['', 'Nobody', '/', 'models', 'models/../versions/1', 'models/Large', 'models/a_b', 'models/-a', `models/${'x'.repeat(65)}`, 'models/a/', 'models/a b', 'models/\u0000', 'models/ä'];

/** Further fields without which the name would not be looked at. */
const BESIDE: Readonly<Record<string, object>> = {
  'IngestionService/CompareDatasetVersions': { other: 'datasets/nobody/versions/999999' },
  'RegistryService/MoveAlias': { modelVersion: 'models/nobody/versions/999999' },
  'MonitorService/CloseWindows': { through: new Date(0) },
  'InferenceService/PredictJson': { body: Buffer.from('{"rows": [{}]}') },
  'InferenceService/SendFeedbackJson': { body: Buffer.from('{"labels": []}') },
  'InferenceService/GetPrediction': { id: '01900000-0000-7000-8000-000000000000' },
  'RegistryService/GetMetricCurve': { key: 'loss' },
  'RegistryService/FinishRun': { state: Run_State.SUCCEEDED },
};

/** Asks for nothing that is there: it makes what it names. */
const MAKES: ReadonlySet<string> = new Set(['RegistryService/CreateModelVersion']);

type Ask = (request: object) => Promise<unknown>;

/** Calls any RPC by its declaration; of a stream the first answer. */
export const asks = (home: Home, { service, key, method }: DeclaredRpc): Ask => {
  const client = home[service] as unknown as Readonly<Record<string, (request: unknown) => unknown>>;
  const call = client[key] as (request: unknown) => unknown;
  return async (request) => {
    if (!method.responseStream) return call(request);
    for await (const message of call(request) as AsyncIterable<unknown>) return message;
    return undefined;
  };
};

/** What a call is refused with; fails when it is not refused. */
export async function refusalOf(call: Promise<unknown>): Promise<AppError> {
  const outcome = await call.then(() => undefined, (error: unknown) => error);
  if (outcome instanceof AppError) return outcome;
  throw new Error(outcome === undefined ? 'It was answered.' : `It failed strangely: ${String(outcome)}`);
}

/** For every RPC that names a resource. */
export const nameCases: readonly Case[] = rpcsOf(CONTRACTS)
  .filter(isNamed)
  .flatMap((rpc): Case[] => {
    const field = NAME_FIELDS.find((name) => rpc.texts.has(name)) ?? 'name';
    const request = (name: string): object => ({ ...BESIDE[rpc.rpc], [field]: name });
    const refuses: Case = {
      title: `${rpc.rpc} refuses every malformed ${field}, and says which form it has`,
      run: async (home) => {
        for (const name of MALFORMED) expect({ name, ...of(await refusalOf(asks(home, rpc)(request(name)))) }).toEqual({ name, code: 'INVALID_ARGUMENT', domain: 'millrace', reason: 'INVALID_NAME', metadata: { name, pattern: expect.stringContaining('{') } });
      },
    };
    const misses: Case = {
      title: `${rpc.rpc} says of a ${field} that nobody has that it is not there`,
      run: async (home) => {
        const { metadata } = await refusalOf(asks(home, rpc)(request('')));
        for (const version of ['999999', 'nobody', '0', '99999999999999999999']) {
          const name = (metadata['pattern'] ?? '').replace('{version}', version).replaceAll(/\{\w+\}/g, 'nobody');
          expect({ name, code: (await refusalOf(asks(home, rpc)(request(name)))).code }).toEqual({ name, code: 'NOT_FOUND' });
        }
      },
    };
    return MAKES.has(rpc.rpc) ? [refuses] : [refuses, misses];
  });

const of = ({ code, domain, reason, metadata }: AppError) => ({ code, domain, reason, metadata });
