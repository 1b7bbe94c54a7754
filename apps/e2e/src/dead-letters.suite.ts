import { tmpdir } from 'node:os';
import type { DeadLetter } from '@millrace/contracts/millrace/events/v1/dead_letter';
import { DeadLetterServiceDefinition } from '@millrace/contracts/millrace/events/v1/dead_letter_service';
import { ModelAliasMoved } from '@millrace/contracts/millrace/registry/v1/events';
import { AppError, type EventRecord } from '@millrace/core';
import { catalogue, onEvent, toRecord } from '@millrace/events';
import { defineService } from '@millrace/service';
import { eventually, type Home, type SharedServers, startHome } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CliProcess } from './cli-process.fixture.js';

const { modelAliasMoved } = catalogue.registry;

/** As much of a document of `millrace events dlq` as is asserted. */
interface Letter {
  readonly name: string;
  readonly state: string;
  readonly retries?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly payloadJson?: unknown;
  readonly payloadFault?: string;
}

/** What an operator can do about events that a group could not handle; `take` says which home it is. */
export function deadLetterStory(title: string, take: () => Promise<SharedServers>): void {
  describe(title, () => {
    let home: Home;
    let servers: SharedServers;
    let cli: CliProcess;
    let mended = false;
    const handled = { cautious: [] as string[], careless: [] as string[] };

    class Nothing {}
    /** Two groups that read the same topic: one of them cannot bear an alias of the model `bad`, and remembers what it has had. */
    const watchers = defineService({
      name: 'watchers',
      config: z.object({}),
      serves: [],
      migrations: {},
      module: () => ({ module: Nothing }),
      subscriptions: (_, { store }) => [
        {
          group: 'cautious',
          routes: [
            onEvent(modelAliasMoved, async ({ alias }, { id }) => {
              if (!mended && alias?.name.includes('bad')) throw new AppError('FAILED_PRECONDITION', 'test', 'BAD_MODEL', 'Nobody wants a bad model.');
              await store.once('cautious', id, async () => void handled.cautious.push(alias?.name ?? ''));
            }),
          ],
        },
        { group: 'careless', routes: [onEvent(modelAliasMoved, async ({ alias }) => void handled.careless.push(alias?.name ?? ''))] },
      ],
    });
    const moved = (model: string): EventRecord => toRecord(modelAliasMoved, '/test', ModelAliasMoved.fromPartial({ alias: { name: `models/${model}/aliases/champion` }, move: { to: '3', reason: 'better' } }), { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
    const list = async (...args: readonly string[]): Promise<readonly Letter[]> => ((await cli.json('events', 'dlq', 'list', ...args)) as { readonly deadLetters: readonly Letter[] }).deadLetters;
    const show = async (name: string): Promise<Letter> => (await cli.json('events', 'dlq', 'show', name)) as Letter;
    /** The letters that nobody has looked after, once they are as the story goes. */
    const waiting = (what: string, fits: (retries: readonly number[]) => boolean): Promise<readonly DeadLetter[]> =>
      eventually(what, async () => {
        const { deadLetters } = await home.client(DeadLetterServiceDefinition).listDeadLetters({ filter: 'state=WAITING' });
        return fits(deadLetters.map(({ retries }) => retries)) && deadLetters;
      });

    beforeAll(async () => {
      servers = await take();
      home = await startHome([watchers], { env: servers.env });
      cli = new CliProcess(tmpdir(), home.grpcAddress);
      expect(await cli.text('events', 'dlq', 'list')).toBe('There is no dead letter.\n');
      await home.bus.publish([moved('good'), moved('bad'), { ...moved('worse'), value: new Uint8Array([0xff, 0xff]) }, moved('bad-too')]);
    }, 120_000);
    afterAll(async () => {
      await (home as Home | undefined)?.close();
      await servers.drop();
    });

    it('lists them by group, topic and type, for people and for programs', { timeout: 60_000 }, async () => {
      await waiting('four dead letters', ({ length }) => length === 4);
      const text = await cli.text('events', 'dlq', 'list', '--group', 'cautious', '--topic', modelAliasMoved.topic);
      expect(text.match(/ModelAliasMoved +cautious +WAITING +0 .*models\/(?:bad|bad-too|worse) /g)?.length).toBe(3);
      expect(text).toContain('Nobody wants a bad model.');
      expect((await list('--group', 'careless')).length).toBe(1);
      expect(await list('--type', 'millrace.none.v1.None')).toEqual([]);
      expect((await cli.text('events', 'dlq', 'list', '--limit', '2'))).toContain('… and more');
      expect(await cli.run('events', 'dlq', 'list', '--state', 'lost')).toMatchObject({ code: 2, err: 'Error: A dead letter has no state LOST; give one of WAITING, RETRIED.\n' });
      expect(await cli.run('events', 'dlq', 'show', 'nowhere:0:7')).toMatchObject({ code: 2, err: 'Error: There is no dead letter nowhere:0:7; it may be older than what the bus keeps.\n' });
    });

    it('shows the cause, the headers as they were published, and the payload as JSON where it can be read', { timeout: 60_000 }, async () => {
      const found = await Promise.all((await list('--group', 'cautious')).map(({ name }) => show(name)));
      const [bad, worse] = ['models/bad', 'models/worse'].map((key) => found.find(({ headers }) => headers['ce_partitionkey'] === key));
      expect(bad).toMatchObject({
        topic: modelAliasMoved.topic,
        group: 'cautious',
        attempts: 1,
        cause: { code: 'FAILED_PRECONDITION', reason: 'BAD_MODEL', message: 'Nobody wants a bad model.' },
        payloadJson: { alias: { name: 'models/bad/aliases/champion' }, move: { to: '3', reason: 'better' } },
      });
      expect(Object.keys(bad?.headers ?? {}).filter((name) => name.startsWith('dlq_'))).toEqual([]);
      expect(bad?.headers).toMatchObject({ ce_type: modelAliasMoved.type, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
      expect(worse?.payloadJson).toBeUndefined();
      expect(worse?.payloadFault).toContain('cannot be read as millrace.registry.v1.ModelAliasMoved');
      const text = await cli.text('events', 'dlq', 'show', bad?.name ?? '');
      for (const part of ['FAILED_PRECONDITION BAD_MODEL: Nobody wants a bad model.', 'after 1 try', '"name": "models/bad/aliases/champion"', 'ce_partitionkey']) expect(text).toContain(part);
    });

    it('hands what failed to its group alone; what fails again comes back with one retry more', { timeout: 120_000 }, async () => {
      const found = await Promise.all((await list('--group', 'cautious')).map(({ name }) => show(name)));
      const bad = found.find(({ headers }) => headers['ce_partitionkey'] === 'models/bad');
      expect(await cli.json('events', 'dlq', 'retry', bad?.name ?? '')).toMatchObject({ name: bad?.name, state: 'STATE_RETRIED' });
      const again = (await waiting('the letter that comes back', (retries) => retries.includes(1))).find(({ retries }) => retries === 1);
      expect(await cli.text('events', 'dlq', 'show', again?.name ?? '')).toContain('handed over again once before');
      mended = true;
      expect(await cli.json('events', 'dlq', 'retry', '--all', '--group', 'cautious')).toEqual({ retried: 3 });
      await eventually('both effects', async () => handled.cautious.length >= 3);
      // What cannot be read never will be, and careless has not been asked.
      await waiting('what is left', (retries) => retries.length === 2 && retries.includes(1));
      expect(handled.cautious.toSorted()).toEqual(['bad-too', 'bad', 'good'].map((model) => `models/${model}/aliases/champion`));
      expect(handled.careless.toSorted()).toEqual(['bad-too', 'bad', 'good'].map((model) => `models/${model}/aliases/champion`));
      // Idempotent: a letter that was handed over stays so, and an effect that was had is not had again.
      expect(await cli.json('events', 'dlq', 'retry', bad?.name ?? '')).toMatchObject({ state: 'STATE_RETRIED' });
      expect(handled.cautious.length).toBe(3);
    });
  });
}
