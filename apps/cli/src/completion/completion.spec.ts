import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FeatureService } from '@millrace/contracts/millrace/features/v1/feature_service';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import { Endpoint } from '@millrace/contracts/millrace/inference/v1/endpoint';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { Alias, Model } from '@millrace/contracts/millrace/registry/v1/model';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { type Home, standIn, standInService, startHome } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../terminal.fixture.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const isInstalled = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

const named = (collection: string, ...names: readonly string[]) => names.map((name) => ({ name: `${collection}/${name}`, latestVersion: '', etag: '', createTime: undefined, description: '', paused: false, deleteTime: undefined }));
const models = (...names: readonly string[]) => names.map((name) => Model.fromPartial({ name: `models/${name}`, latestVersion: name === 'late' ? 'models/late/versions/2' : '' }));
let home: Home;
let directory: string;
beforeAll(async () => {
  home = await startHome([
    standInService([
      standIn(RegistryServiceDefinition, { listModels: async () => ({ models: models('late', 'new'), nextPageToken: '' }), listAliases: async ({ parent }) => ({ aliases: parent === 'models/late' ? [Alias.fromPartial({ name: 'models/late/aliases/champion' })] : [], nextPageToken: '' }) }),
      standIn(FeatureStoreServiceDefinition, { listFeatureServices: async () => ({ featureServices: [FeatureService.fromPartial({ name: 'featureServices/late' })], nextPageToken: '' }), listFeatureViews: async () => ({ featureViews: [FeatureView.fromPartial({ name: 'featureViews/departures' })], nextPageToken: '' }) }),
      standIn(InferenceServiceDefinition, { listEndpoints: async () => ({ endpoints: [Endpoint.fromPartial({ name: 'endpoints/late' })], nextPageToken: '' }) }),
      standIn(PipelinesServiceDefinition, { listPipelines: async () => ({ pipelines: named('pipelines', 'late-flights', 'returns'), nextPageToken: '' }), listPipelineRuns: async () => ({ pipelineRuns: [PipelineRun.fromPartial({ name: 'pipelineRuns/r1' })], nextPageToken: '', totalSize: 1 }) }),
      standIn(IngestionServiceDefinition, { listDatasets: async () => ({ datasets: named('datasets', 'flights', 'orders').map((each) => ({ ...each, latestVersion: `${each.name}/versions/3` })), nextPageToken: '' }) }),
    ]),
  ]);
  directory = mkdtempSync(join(tmpdir(), 'millrace-complete-'));
  writeFileSync(join(directory, 'millrace'), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  chmodSync(join(directory, 'millrace'), 0o755);
});
afterAll(async () => {
  await home.close();
  rmSync(directory, { recursive: true });
});

const at = async (...words: readonly string[]) => {
  const { code, out, err } = await run(['__complete', '--', ...words], { env: { MILLRACE_GRPC_ADDRESS: home.grpcAddress } });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out.split('\n').slice(0, -1).map((line) => line.split('\t')[0]);
};

describe('what may stand at the cursor', () => {
  it('is a command, a verb, or an option', async () => {
    expect(await at('da')).toEqual(['dataset']);
    expect(await at('alerts', 'a')).toEqual(['acknowledge']);
    expect(await at('dataset', 'show', 'flights', '--c')).toEqual(['--column']);
    expect(await at('completion', '')).toEqual(['bash', 'zsh', 'fish']);
    expect(await at('')).toEqual(expect.arrayContaining(['init', 'run', 'logs']));
    expect(await at(''), 'older spellings are not told').not.toContain('runs');
  });

  it('is the name of what this home has', async () => {
    expect(await at('dataset', 'show', '')).toEqual(['flights', 'orders']);
    expect(await at('dataset', '--json', 'show', 'o')).toEqual(['orders']);
    expect(await at('run', '')).toEqual(['late-flights', 'returns', 'list', 'show', 'watch', 'cancel']);
    expect(await at('run', 'list', '--pipeline', 'l')).toEqual(['late-flights']);
    expect(await at('run', 'list', '--limit', '')).toEqual([]);
    expect(await at('apply', '')).toEqual([]);
  });

  it('is the whole name of what has a lineage', async () => {
    expect(await at('lineage', '')).toEqual(['models/late/aliases/champion', 'models/late/versions/2', 'datasets/flights/versions/3', 'datasets/orders/versions/3', 'endpoints/late', 'featureServices/late', 'featureViews/departures', 'pipelineRuns/r1']);
    expect(await at('lineage', 'models/late/v')).toEqual(['models/late/versions/2']);
    expect(await at('lineage', 'endpoints/late', '')).toEqual([]);
  });

  it('is asked of the home that the line names', async () => {
    const { out } = await run(['__complete', '--', '--home', `grpc://${home.grpcAddress}`, 'dataset', 'show', 'f']);
    expect(out).toBe('flights\t\n');
  });

  it('is no name, and no noise, where no home answers', async () => {
    expect(await run(['__complete', '--', 'dataset', 'show', ''], { env: { MILLRACE_GRPC_ADDRESS: '127.0.0.1:1' } })).toEqual({ code: 0, out: '', err: '' });
  });
});

const SHELLS = {
  bash: ['--norc', '-c', `source <(millrace completion bash); COMP_WORDS=(millrace $1); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); _millrace; printf '%s\\n' "\${COMPREPLY[@]}"; complete -p millrace`, 'bash'],
  zsh: ['-f', '-c', `compdef() { registered="complete -F $1 $2"; }; _describe() { print -l -- "\${(@P)2%%:*}"; }; _files() { print files; }; eval "$(millrace completion zsh)"; words=(millrace \${=1}); CURRENT=\${#words}; _millrace; print -- $registered`, 'zsh'],
  fish: ['--no-config', '-c', 'millrace completion fish | source; complete -C "millrace $argv" | string replace -r "\\t.*" ""; echo "complete -F _millrace millrace"'],
};

describe.each(Object.entries(SHELLS))('in %s', (shell, args) => {
  it.skipIf(!isInstalled(shell))('a line is completed by the words and the names that millrace tells', async () => {
    const complete = async (line: string) =>
      (await promisify(execFile)(shell, [...args, line], { timeout: 30_000, env: { PATH: `${directory}${delimiter}${process.env['PATH'] ?? ''}`, HOME: directory, MILLRACE_GRPC_ADDRESS: home.grpcAddress } })).stdout.trimEnd().split('\n');
    const lines = await complete('dataset sh');
    expect(lines.at(-1)).toMatch(/^complete .*-F _millrace millrace$/);
    expect(lines.slice(0, -1)).toEqual(['show']);
    expect((await complete('run late')).slice(0, -1)).toEqual(['late-flights']);
  });
});
