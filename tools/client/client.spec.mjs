import { readFileSync } from 'node:fs';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { clientFiles } from './client-files.mjs';
import { nounsOf } from './nouns.mjs';
import { routedRpcs } from './routes.mjs';

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(new URL('../../libs/contracts/dist/image.binpb', import.meta.url))));
const rpcs = routedRpcs(registry);
const named = new Map(Array.from(nounsOf(rpcs)).flatMap(([noun, verbs]) => Array.from(verbs, ([verb, { rpc }]) => [`${rpc.parent.name}/${rpc.name}`, `${noun}.${verb}`])));

/** An RPC as the naming reads it. */
const rpc = (name, at, output = `${name}Response`, methods = []) => ({ rpc: { name, output: { name: output }, parent: { methods: methods.map((each) => ({ name: each })) } }, at: [at] });
const namesOf = (...all) => Array.from(nounsOf(all)).flatMap(([noun, verbs]) => Array.from(verbs.keys(), (verb) => `${noun}.${verb}`));

/** Bodies that pass as they are: the client has the same calls in the JSON of their contracts. */
const RAW = ['InferenceService/PredictJson', 'InferenceService/SendFeedbackJson', 'IngestionService/PushRowsJson'];

describe('the names of calls', () => {
  it('are there for every RPC with an annotation whose answer is a message, and for no other', () => {
    const annotated = Array.from(registry).filter((desc) => desc.kind === 'service').flatMap(({ name, methods }) => methods.filter(({ proto }) => proto.options?.$unknown?.some(({ no }) => no === 72295728)).map((method) => `${name}/${method.name}`));
    expect(annotated.length).toBeGreaterThan(90);
    expect([...named.keys(), ...RAW].sort()).toEqual(annotated.sort());
  });

  it.each([
    ['RegistryService/ListModels', 'models.list'],
    ['RegistryService/GetModelVersion', 'modelVersions.get'],
    ['RegistryService/RollBackAlias', 'aliases.rollBack'],
    ['IngestionService/ListLedgerEntries', 'ledgerEntries.list'],
    ['IngestionService/PushRows', 'datasets.pushRows'],
    ['FeatureStoreService/PushRows', 'featureViews.pushRows'],
    ['FeatureStoreService/GetOnlineFeatures', 'featureServices.getOnlineFeatures'],
    ['MonitorService/WatchAlerts', 'alerts.watch'],
    ['DeadLetterService/RetryDeadLetter', 'deadLetters.retry'],
    ['DeadLetterService/RetryDeadLetters', 'deadLetters.retryAll'],
    ['TrainerService/CheckPlan', 'plans.check'],
    ['PipelinesService/GetLineage', 'lineage.get'],
    ['InferenceService/Predict', 'endpoints.predictRows'],
  ])('%s is %s', (method, name) => expect(named.get(method)).toBe(name));

  it('follow an annotation alone', () => {
    expect(namesOf(rpc('GetTree', 'GET /v1/{name=trees/*}', 'Tree'), rpc('FellTree', 'POST /v1/{name=trees/*}:fell'), rpc('CountLeaves', 'GET /v1/{name=trees/*}:countLeaves'))).toEqual(['trees.get', 'trees.fell', 'trees.countLeaves']);
  });

  it('are refused where two would be one, or where there is nothing to call them by', () => {
    expect(() => namesOf(rpc('GetTree', 'GET /v1/{name=trees/*}', 'Tree'), rpc('Look', 'GET /v1/{name=trees/*}:get'))).toThrow('Look and GetTree would both be trees.get; give one of them another name.');
    expect(() => namesOf(rpc('Look', 'GET /v1/{name=*}'))).toThrow('Look has a path without a noun');
  });
});

describe('the files', () => {
  const files = clientFiles(registry);

  it('say once what a message is, and import nothing from elsewhere', () => {
    const imports = Array.from(files.values()).flatMap((text) => Array.from(text.matchAll(/ from '([^']+)'/g), ([, from]) => from));
    expect(imports.filter((from) => !from.startsWith('.'))).toEqual([]);
    expect(Array.from(files.keys()).filter((name) => name.startsWith('google/protobuf/'))).toEqual([]);
    const types = Array.from(files).flatMap(([name, text]) => Array.from(text.matchAll(/^export (?:interface|type) (\w+)/gm), ([, type]) => `${name} ${type}`));
    expect(new Set(types).size).toBe(types.length);
  });

  it('mark every call at their top as one that may be left out', () => {
    const calls = Array.from(files.values()).flatMap((text) => text.split('\n').filter((line) => /^(?:export const \w+: .* = |  \w+: )(?!readonly).*\(\{? ?(?:at|\(\)|')/.test(line)));
    expect(calls.length).toBeGreaterThan(200);
    expect(calls.filter((line) => !line.includes('/* @__PURE__ */'))).toEqual([]);
  });

  it('have no message that nothing asks for', () => {
    expect(Array.from(files.keys()).filter((name) => /archive|\/events\.ts$/.test(name))).toEqual([]);
  });
});
