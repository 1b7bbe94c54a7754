import { isError } from '@millrace/core';
import type { JobRunner, JobSpec } from '@millrace/jobs';
import { patiently } from '@millrace/service';
import type { Leases } from '@millrace/store';
import type { Logger } from 'pino';
import type { DefinitionService } from './definition.service.js';
import { errors } from './errors.js';
import { featureViewName } from './feature-view.js';
import type { Materialization } from './materialization.js';
import type { MaterializationService } from './materialization.service.js';
import type { MaterializeResult } from './offline/materialize.js';
import type { MovedViews } from './online/moved-views.js';

/** What the values of moved views are made with. */
export interface MovedValuesParts {
  readonly jobs: JobRunner;
  readonly leases: Leases;
  readonly definitions: DefinitionService;
  readonly materializations: MaterializationService;
  readonly moves: MovedViews;
  readonly job: Pick<JobSpec, 'entry' | 'memoryMb' | 'timeoutMs'>;
  readonly log: Logger;
}

const NEWEST = { size: 1, after: undefined } as const;

/** Makes the values of views that came without them from another home: the last materialisation of each is done once more, by one instance, and its resource stays as it came. */
export class MovedValues {
  constructor(private readonly parts: MovedValuesParts) {}

  /** Begins with every view that lacks values. */
  async begin(): Promise<void> {
    const { definitions, materializations, moves, log } = this.parts;
    for (const view of await definitions.allViews()) {
      const [last] = await materializations.list({ subject: view, state: 'SUCCEEDED' }, NEWEST);
      if (!last || !(await moves.lacksValues(view))) continue;
      this.#make(last).catch((error: unknown) => {
        // The service ends; the next start begins again.
        if (!isError(error, 'jobs.millrace', 'RUNNER_CLOSED')) log.error({ err: error, view }, 'the values of a view could not be made again; materialise it');
      });
    }
  }

  async #make(last: Materialization): Promise<void> {
    const { jobs, leases, materializations, moves, job } = this.parts;
    const lease = await leases.acquire(`moved-values/${last.view}`);
    if (!lease) return;
    jobs.expect(last.id);
    const argument = await patiently(materializations.order(last).argument, lease.lost);
    const handle = await jobs.start({ id: last.id, argument, ...job });
    lease.lost.addEventListener('abort', () => void handle.cancel('another instance works at it'));
    const result = (await handle.result) as MaterializeResult;
    // Values that lack a push would be wrong; a view without values says so.
    if (await moves.hasForgotten(last.view, result.knownBefore)) throw errors.PUSHES_FORGOTTEN({ view: featureViewName.format({ view: last.view }), from: iso(result.knownBefore), through: 'some time after it' });
    lease.lost.throwIfAborted();
    await materializations.fill(last, result);
    await jobs.forget(last.id);
    await leases.forget(lease);
  }
}

const iso = (micros: number): string => new Date(Math.floor(micros / 1_000)).toISOString();
