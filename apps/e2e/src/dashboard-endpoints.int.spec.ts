import type { EndpointTraffic, VersionTraffic } from '@millrace/contracts/millrace/inference/v1/traffic';
import { describe, expect, it } from 'vitest';
import { isSound, saved, SCREENS } from './browser.fixture.js';
import { tellTwoVersions } from './dashboard-models.fixture.js';
import { openStage } from './stage.fixture.js';

const stage = openStage(tellTwoVersions);

const count = (value: bigint | number): string => value.toLocaleString('en-GB');

it.each(SCREENS)('the parts of an endpoint are sound, $name', async (screen) => {
  for (const part of ['', '/try']) await stage.visit(`/endpoints/late${part}`, undefined, { screen });
});

/** What an endpoint was asked in the last minutes, as the stream tells whoever asks; summed over its windows. */
async function traffic() {
  const windows = new Map<number, EndpointTraffic>();
  const stop = AbortSignal.timeout(2_500);
  try {
    for await (const window of stage.home.clients.inference.watchEndpointTraffic({ endpoint: 'endpoints/late', changedSince: new Date(Date.now() - 900_000) }, { signal: stop })) windows.set(window.startTime?.getTime() ?? 0, window);
  } catch (error) {
    if (!stop.aborted) throw error;
  }
  const versions = [...windows.values()].flatMap((window) => window.versions);
  const sum = (of: (version: VersionTraffic) => bigint | undefined): bigint => versions.reduce((all, version) => all + (of(version) ?? 0n), 0n);
  return {
    requests: Object.fromEntries(['1', '2'].map((number) => [number, sum(({ modelVersion, requests }) => (modelVersion === `models/late/versions/${number}` ? requests : 0n))])),
    refused: sum(({ refused }) => refused),
    unseen: sum(({ flags }) => flags['UNSEEN_CATEGORY']),
    keyMissing: sum(({ errors }) => errors['KEY_MISSING']),
  };
}

describe('the traffic of an endpoint', () => {
  it('shows, as it comes, what the stream counts: requests by version, what failed, and what the guard saw', async () => {
    const { inference, registry } = stage.home.clients;
    const row = (origin: string | undefined, distance: bigint) => ({ values: { ...(origin === undefined ? {} : { origin: { kind: { $case: 'stringValue' as const, value: origin } } }), distance: { kind: { $case: 'int64Value' as const, value: distance } } } });
    const ask = (...rows: ReturnType<typeof row>[]) => inference.predict({ endpoint: 'endpoints/late', rows, eventTimes: rows.map(() => new Date('2001-02-12')) });
    await stage.look('/endpoints/late', async (page) => {
      await page.locator('section', { hasText: 'as it comes' }).first().waitFor();
      await ask(row('ORD', 500n), row('LAX', 500n));
      await expect(ask(row(undefined, 500n))).rejects.toMatchObject({ reason: 'KEY_MISSING' });
      await registry.moveAlias({ name: 'models/late/aliases/champion', modelVersion: 'models/late/versions/1', reason: 'to be counted' });
      await expect.poll(async () => (await inference.getEndpoint({ name: 'endpoints/late' })).modelVersion).toBe('models/late/versions/1');
      await ask(row('SEA', 90_000n));
      const { requests, refused, unseen, keyMissing } = await traffic();
      for (const counted of [requests['1'], requests['2'], refused, unseen, keyMissing]) expect(counted).toBeGreaterThan(0n);
      const legend = (figure: string) => page.locator('figure', { has: page.getByRole('heading', { name: figure, exact: true }) }).locator('.legend');
      await expect.poll(() => legend('Requests by version').locator('li').allInnerTexts()).toEqual(expect.arrayContaining([`late 1 ${count(requests['1'] ?? -1n)}`, `late 2 ${count(requests['2'] ?? -1n)}`]));
      await expect.poll(() => legend('What failed').innerText()).toMatch(new RegExp(`failed: key missing ${count(keyMissing)}[^]*rows that the guard refused ${count(refused)}`));
      expect(await legend('What the input guard saw').innerText()).toContain(`unseen text ${count(unseen)}`);
      const lines = (await saved(page, 'Save “Requests by version” as CSV')).trimEnd().split('\r\n').map((line) => line.split(','));
      const column = lines[0]?.indexOf('late 1') ?? -1;
      expect(lines.slice(1).reduce((sum, line) => sum + Number(line[column]), 0)).toBe(Number(requests['1']));
      await page.getByRole('radio', { name: '3 hours' }).check();
      await expect.poll(() => legend('Requests by version').innerText()).toContain(`late 1 ${count(requests['1'] ?? -1n)}`);
      await isSound(page);
    });
    await registry.rollBackAlias({ name: 'models/late/aliases/champion', reason: 'counted' });
    await expect.poll(async () => (await inference.getEndpoint({ name: 'endpoints/late' })).modelVersion).toBe('models/late/versions/2');
  });
});

describe('an endpoint that is tried', () => {
  it('answers a form that is made from its signature, and the answer is in the log', async () => {
    const { inference } = stage.home.clients;
    await stage.look('/endpoints/late/try', async (page) => {
      await page.getByRole('textbox', { name: 'distance' }).fill('700');
      await page.getByRole('combobox', { name: 'origin' }).fill('ORD');
      await page.getByLabel('date').fill('2001-02-12T08:30:00');
      await page.getByRole('button', { name: 'Predict', exact: true }).click();
      const answer = page.getByRole('region', { name: 'Answer' });
      const href = await answer.getByRole('link', { name: 'See the prediction' }).getAttribute('href');
      const { record, inputs } = await inference.getPrediction({ endpoint: 'endpoints/late', id: href?.split('/').at(-1) ?? '' });
      expect(await answer.locator('.score').innerText()).toBe(String(Number(record?.score.toPrecision(6))));
      // The job that trained the version says what the probability is of.
      const { origin } = await stage.home.clients.registry.getModelVersion({ name: record?.modelVersion ?? '' });
      const { spec } = await stage.home.clients.trainer.getTrainingJob({ name: origin?.trainingJob ?? '' });
      await expect.poll(() => answer.locator('p').first().innerText()).toContain(` is the probability that ${spec?.target} is 1, which version ${record?.modelVersion.split('/').at(-1)} gives. `);
      expect(spec?.target).toBe('late');
      const cells = Object.fromEntries(inputs.map((name, i) => [name, record?.inputs[i]?.kind]));
      // What moved the score is what the service says when it is asked in the same words.
      const asked = await inference.predict({ endpoint: 'endpoints/late', rows: [{ values: { distance: { kind: { $case: 'int64Value', value: 700n } }, origin: { kind: { $case: 'stringValue', value: 'ORD' } } } }], eventTimes: [new Date('2001-02-12T08:30:00Z')], contributions: 8 });
      const moved = asked.predictions[0]?.contributions ?? [];
      expect(moved.length).toBeGreaterThan(0);
      await expect.poll(() => answer.locator('figure').getByRole('rowheader').allInnerTexts()).toEqual(moved.map(({ input }) => input));
      await expect.poll(() => answer.locator('figure tbody td.figures').allInnerTexts()).toEqual(moved.map(({ change }) => `${change >= 0 ? '+' : '−'}${Math.abs(change).toFixed(4)}`));
      expect(cells).toMatchObject({ distance: { $case: 'int64Value', value: 700n }, origin: { $case: 'stringValue', value: 'ORD' }, date: { value: new Date('2001-02-12T08:30:00Z') } });
      await isSound(page);
      await answer.getByRole('link', { name: 'See the prediction' }).click();
      await page.getByRole('heading', { level: 1, name: /^Prediction/ }).waitFor();
    });
  });

  it('says at the field what is wrong with it: what was typed, what is missing, and what the guard says', async () => {
    await stage.look(
      '/endpoints/late/try',
      async (page) => {
        const said = (name: string): Promise<string> => page.locator('.field', { has: page.getByText(name, { exact: false }) }).first().locator('.wrong, .odd').innerText();
        await page.getByRole('textbox', { name: 'distance' }).fill('far');
        await page.getByRole('button', { name: 'Predict', exact: true }).click();
        expect(await said('distance')).toBe('A whole number is asked for.');
        await page.getByRole('textbox', { name: 'distance' }).fill('99999');
        await page.getByRole('button', { name: 'Predict', exact: true }).click();
        await page.locator('.wrong', { hasText: 'lacks column "origin"' }).waitFor();
        await page.getByRole('combobox', { name: 'origin' }).fill('ORD');
        await page.getByRole('button', { name: 'Predict', exact: true }).click();
        await page.locator('.odd', { hasText: 'out of range: 99999 is outside' }).waitFor();
        await page.getByRole('combobox', { name: 'origin' }).fill('LAX');
        await page.getByRole('button', { name: 'Predict', exact: true }).click();
        await page.getByRole('region', { name: 'Answer' }).getByText('refused by the input guard').waitFor();
        expect(await said('origin')).toContain('"LAX" was not in training');
        await isSound(page);
      },
      { expected: [/^Failed to load resource.*400/] },
    );
  });

  it('keeps what is typed while another version takes over', async () => {
    const { inference, registry } = stage.home.clients;
    const answering = async () => (await inference.getEndpoint({ name: 'endpoints/late' })).modelVersion;
    await registry.moveAlias({ name: 'models/late/aliases/champion', modelVersion: 'models/late/versions/2', reason: 'to be followed' });
    await expect.poll(answering).toBe('models/late/versions/2');
    await stage.look('/endpoints/late/try', async (page) => {
      await page.getByRole('textbox', { name: 'distance' }).fill('700');
      await page.getByRole('combobox', { name: 'origin' }).fill('ORD');
      // What the other version reads is slow to come.
      let held = 0;
      await page.route('**/v1/models/late/versions/1', async (route) => {
        held++;
        await page.waitForTimeout(1_000);
        await route.continue();
      });
      await registry.moveAlias({ name: 'models/late/aliases/champion', modelVersion: 'models/late/versions/1', reason: 'followed' });
      await page.locator('.facts').getByRole('link', { name: 'late 1' }).waitFor();
      await expect.poll(() => held).toBe(1);
      expect(await page.getByRole('textbox', { name: 'distance' }).inputValue()).toBe('700');
      await page.getByRole('button', { name: 'Predict', exact: true }).click();
      await page.getByRole('region', { name: 'Answer' }).getByRole('link', { name: 'version 1' }).waitFor();
      expect(await page.getByRole('combobox', { name: 'origin' }).inputValue()).toBe('ORD');
    });
    await registry.moveAlias({ name: 'models/late/aliases/champion', modelVersion: 'models/late/versions/2', reason: 'back' });
    await expect.poll(answering).toBe('models/late/versions/2');
  });

  it('takes over what was asked last', () =>
    stage.look('/endpoints/late/try', async (page) => {
      await page.getByRole('button', { name: 'Fill in as in the newest prediction' }).click();
      const [newest] = (await stage.home.clients.inference.listPredictions({ parent: 'endpoints/late', pageSize: 1 })).predictions;
      const distance = newest?.record?.inputs[newest.inputs.indexOf('distance')]?.kind;
      expect(await page.getByRole('textbox', { name: 'distance' }).inputValue()).toBe(String(distance?.value));
    }));
});

it('deletes an endpoint once it has been asked whether it should', () =>
  stage.look(
    '/endpoints/late',
    async (page) => {
      await page.getByRole('button', { name: 'Delete this endpoint' }).click();
      await page.getByRole('button', { name: 'Leave it' }).click();
      expect((await stage.home.clients.inference.listEndpoints({})).endpoints.length).toBe(1);
      await page.getByRole('button', { name: 'Delete this endpoint' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete this endpoint' }).click();
      await page.getByText('No endpoint yet').waitFor();
      expect((await stage.home.clients.inference.listEndpoints({})).endpoints).toEqual([]);
    },
    // What is on the screen is asked for once more, and is gone by then.
    { expected: [/^Failed to load resource.*404/] },
  ));
