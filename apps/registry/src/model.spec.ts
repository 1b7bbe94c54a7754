import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RegistryHome } from './registry-home.fixture.js';

let at: RegistryHome;
beforeAll(async () => void (at = await RegistryHome.start()));
afterAll(() => at.close());

const certificate = { rows: 2_000n, equal: 2_000n, maxDifference: 0, environment: { onnx: '1' } };

describe('a model version', () => {
  it('is numbered, holds what its artefact says, and is told once', async () => {
    const model = at.fresh('m');
    const { digest, modelDigest } = await at.artifact('flights');
    const lie = { signature: { inputs: [], outputs: [] }, modelDigest: 'sha256:lie', aliases: ['champion'], certificate, name: 'models/other/versions/9' };
    const made = await at.registry.createModelVersion({ parent: `models/${model}`, modelVersion: { ...lie, description: 'trees', artifact: { digest }, metrics: { auc: 0.7 }, tags: { gate: 'passed' }, origin: { trainingJob: 'trainingJobs/t' } } });
    expect(made).toMatchObject({ name: `models/${model}/versions/1`, description: 'trees', modelDigest, metrics: { auc: 0.7 }, tags: { gate: 'passed' }, origin: { trainingJob: 'trainingJobs/t' }, aliases: [], certificate: undefined, etag: '1' });
    expect(made.signature?.inputs).toEqual([
      { column: { name: 'distance', type: ColumnType.FLOAT64, nullable: true }, min: 1, max: 4_983, categories: [], required: false },
      { column: { name: 'origin', type: ColumnType.STRING, nullable: false }, min: undefined, max: undefined, categories: ['ATL', 'ORD'], required: true },
    ]);
    expect(made.signature?.outputs).toEqual([{ name: 'score', type: ColumnType.FLOAT64, nullable: false }]);
    expect(await at.registry.getModelVersion({ name: made.name })).toEqual(made);
    expect((await at.registry.getModel({ name: `models/${model}` })).latestVersion).toBe(made.name);
    expect(await at.events(model, 1)).toEqual(['registered 1']);
  });

  it('has a number of its own, however many are registered at once', async () => {
    const model = at.fresh('m');
    const made = await Promise.all(Array.from({ length: 8 }, () => at.register(model)));
    expect(made.map(({ name }) => Number(name.split('/')[3])).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect((await at.events(model, 8)).toSorted()).toEqual(Array.from({ length: 8 }, (_, i) => `registered ${i + 1}`));
  });

  it('is registered once for one request id, and told once', async () => {
    const model = at.fresh('m');
    const [one, ...others] = await Promise.all(Array.from({ length: 4 }, () => at.register(model, { seed: 'same', requestId: 'once' })));
    expect(await at.register(model, { seed: 'same', requestId: 'once' })).toEqual(one);
    for (const other of others) expect(other).toEqual(one);
    await at.register(model);
    expect(await at.events(model, 2)).toEqual(['registered 1', 'registered 2']);
  });

  it('needs an artefact that is there', async () => {
    const model = at.fresh('m');
    await expect(at.registry.createModelVersion({ parent: `models/${model}`, modelVersion: {} })).rejects.toThrow(`The version of models/${model} has no artefact; give artifact.digest.`);
    await expect(at.registry.createModelVersion({ parent: `models/${model}`, modelVersion: { artifact: { digest: `sha256:${'2'.repeat(64)}` } } })).rejects.toMatchObject({ reason: 'OBJECT_NOT_FOUND' });
    await expect(at.registry.createModelVersion({ parent: `models/${model}`, modelVersion: { artifact: { digest: await at.put('no manifest') } } })).rejects.toMatchObject({ reason: 'ARTIFACT_UNREADABLE' });
    await expect(at.registry.getModel({ name: `models/${model}` })).rejects.toThrow(`Model models/${model} does not exist; register a version first.`);
  });

  it('keeps all that it needs from collection, also when another version has the same artefact', async () => {
    const model = at.fresh('m');
    const { objects, digest } = await at.artifact(at.fresh('kept'));
    const [reference, sample, later, stray] = await Promise.all(['reference', 'sample', 'later reference', 'stray'].map((text) => at.put(`${text} of ${model}`)));
    const register = (of: string | undefined, paritySample: string | undefined) => at.registry.createModelVersion({ parent: `models/${model}`, modelVersion: { artifact: { digest }, reference: { digest: of ?? '' }, paritySample: { digest: paritySample ?? '' } } });
    await register(reference, sample);
    await register(later, sample);
    await at.collect();
    for (const kept of [...objects, reference, sample, later]) expect(await at.objects.has(kept ?? ''), kept).toBe(true);
    expect(await at.objects.has(stray ?? '')).toBe(false);
  });

  it('is certified once', async () => {
    const version = await at.register(at.fresh('m'));
    await expect(at.registry.certifyModelVersion({ name: version.name, certificate, etag: '9' })).rejects.toMatchObject({ reason: 'CHANGED' });
    await expect(at.registry.certifyModelVersion({ name: version.name })).rejects.toMatchObject({ reason: 'CERTIFICATE_MISSING' });
    const certified = await at.registry.certifyModelVersion({ name: version.name, certificate, etag: version.etag });
    expect(certified).toMatchObject({ certificate: { rows: 2_000n, equal: 2_000n, createTime: expect.any(Date) }, etag: '2' });
    await expect(at.registry.certifyModelVersion({ name: version.name, certificate })).rejects.toThrow(`Model version ${version.name} has its certificate already; a version is immutable.`);
    const raced = await at.register(at.fresh('m'));
    const ends = await Promise.allSettled([1n, 2n].map((equal) => at.registry.certifyModelVersion({ name: raced.name, certificate: { ...certificate, equal } })));
    expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('is found by its number, as the latest, and by an alias', async () => {
    const model = at.fresh('m');
    await at.register(model);
    const second = await at.register(model);
    expect((await at.registry.getModelVersion({ name: `models/${model}/versions/latest` })).name).toBe(second.name);
    await at.registry.moveAlias({ name: `models/${model}/aliases/champion`, modelVersion: `models/${model}/versions/1` });
    expect(await at.registry.getModelVersion({ name: `models/${model}/aliases/champion` })).toMatchObject({ name: `models/${model}/versions/1`, aliases: ['champion'] });
    for (const number of ['3', '0', '01', '1e3', 'x', '9999999999']) await expect(at.registry.getModelVersion({ name: `models/${model}/versions/${number}` })).rejects.toThrow(`Model version models/${model}/versions/${number} does not exist`);
    await expect(at.registry.getModelVersion({ name: `models/${model}/aliases/none` })).rejects.toThrow(`Alias models/${model}/aliases/none does not exist; move it to a version to make it.`);
  });
});

describe('an alias', () => {
  it('is made, moved, and moved back one step, with its history', async () => {
    const model = at.fresh('m');
    const name = `models/${model}/aliases/champion`;
    const [v1, v2] = [await at.register(model), await at.register(model)];
    await at.registry.moveAlias({ name, modelVersion: v1.name, reason: 'first' });
    const moved = await at.registry.moveAlias({ name, modelVersion: v2.name, reason: 'better', etag: '1' });
    expect(await at.registry.moveAlias({ name, modelVersion: v2.name, reason: 'again' }), 'pointing where it points changes nothing').toEqual(moved);
    const back = await at.registry.rollBackAlias({ name, reason: 'worse', etag: moved.etag });
    expect(back.modelVersion).toBe(v1.name);
    expect(back.history.map(({ from, to, reason }) => [from, to, reason])).toEqual([[v2.name, v1.name, 'worse'], [v1.name, v2.name, 'better'], ['', v1.name, 'first']]);
    expect((await at.registry.rollBackAlias({ name, reason: 'no, better' })).modelVersion).toBe(v2.name);
    expect(await at.registry.getAlias({ name })).toMatchObject({ modelVersion: v2.name, etag: '4' });
    expect(await at.events(model, 6)).toEqual(['registered 1', 'registered 2', 'champion –→1', 'champion 1→2', 'champion 2→1', 'champion 1→2']);
  });

  it('has nothing to go back to after its first move', async () => {
    const model = at.fresh('m');
    const name = `models/${model}/aliases/champion`;
    await at.registry.moveAlias({ name, modelVersion: (await at.register(model)).name });
    await expect(at.registry.rollBackAlias({ name })).rejects.toThrow(`Alias ${name} has pointed at one version only; there is nothing to go back to.`);
  });

  it('points at a version of its own model that is there', async () => {
    const [model, other] = [at.fresh('m'), at.fresh('m')];
    await at.register(model);
    const stranger = await at.register(other);
    const name = `models/${model}/aliases/champion`;
    await expect(at.registry.moveAlias({ name, modelVersion: stranger.name })).rejects.toThrow(`Alias ${name} cannot point at ${stranger.name}: that is a version of another model.`);
    await expect(at.registry.moveAlias({ name, modelVersion: `models/${model}/versions/7` })).rejects.toMatchObject({ reason: 'MODEL_VERSION_NOT_FOUND' });
    await expect(at.registry.listAliases({ parent: 'models/none' })).rejects.toMatchObject({ reason: 'MODEL_NOT_FOUND' });
    expect((await at.registry.listAliases({ parent: `models/${model}` })).aliases).toEqual([]);
  });

  it('is moved by one of two who try at once, and a change that was rolled back tells nobody', async () => {
    const model = at.fresh('m');
    const name = `models/${model}/aliases/champion`;
    const versions = [await at.register(model), await at.register(model), await at.register(model)];
    await at.registry.moveAlias({ name, modelVersion: versions[0]?.name ?? '' });
    const ends = await Promise.allSettled(versions.slice(1).map((version) => at.registry.moveAlias({ name, modelVersion: version.name, etag: '1' })));
    const [lost] = ends.filter((end) => end.status === 'rejected');
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(lost?.reason).toMatchObject({ reason: 'CHANGED', message: `${name} was changed meanwhile; read it again and repeat.` });
    // One more move after it: whatever the lost one had told would stand before this.
    const { modelVersion } = await at.registry.getAlias({ name });
    await at.registry.rollBackAlias({ name });
    expect((await at.events(model, 6)).slice(3)).toEqual(['champion –→1', `champion 1→${modelVersion.split('/')[3]}`, `champion ${modelVersion.split('/')[3]}→1`]);
  });
});

describe('lists', () => {
  it('page through models, versions and aliases', async () => {
    const model = at.fresh('m');
    for (let i = 0; i < 3; i++) await at.register(model);
    for (const alias of ['c', 'a', 'b']) await at.registry.moveAlias({ name: `models/${model}/aliases/${alias}`, modelVersion: `models/${model}/versions/2` });
    const parent = `models/${model}`;
    const first = await at.registry.listModelVersions({ parent, pageSize: 2 });
    const rest = await at.registry.listModelVersions({ parent, pageSize: 2, pageToken: first.nextPageToken });
    expect([...first.modelVersions, ...rest.modelVersions].map(({ name, aliases }) => [name.split('/')[3], aliases])).toEqual([['3', []], ['2', ['a', 'b', 'c']], ['1', []]]);
    const aliases = await at.registry.listAliases({ parent, pageSize: 2 });
    expect(aliases.aliases.map(({ name }) => name.at(-1))).toEqual(['a', 'b']);
    expect((await at.registry.listAliases({ parent, pageSize: 2, pageToken: aliases.nextPageToken })).aliases.map(({ name }) => name.at(-1))).toEqual(['c']);
    const described = await at.registry.createModel({ model: { name: 'models/aaa', description: 'the first' } });
    expect(await at.registry.createModel({ model: { name: 'models/aaa', description: 'another' } })).toEqual(described);
    const models = await at.registry.listModels({ pageSize: 1 });
    expect(models.models).toEqual([described]);
    expect((await at.registry.listModels({ pageSize: 1, pageToken: models.nextPageToken })).models[0]?.name).toBe('models/m-1');
  });
});
