import type { EventRecord } from '@millrace/core';
import { catalogue, onEvent, toRecord } from '@millrace/events';
import { currentTraceparent } from '@millrace/rpc';
import type { EventGroup } from '@millrace/service';
import { pipelineVersionName } from './pipeline.js';
import { toRun } from './pipelines.wire.js';
import type { PipelineRun } from './pipeline-run.js';
import type { StepLogService } from './step-log.service.js';
import type { TriggerService } from './trigger.service.js';

const SOURCE = '/millrace/pipelines';

/** The trace of a run is the one that caused it. */
const attributes = ({ traceparent }: PipelineRun) => ({ traceparent: currentTraceparent() ?? (traceparent === '' ? undefined : traceparent) });

export const encodeRunStarted = (run: PipelineRun): EventRecord => toRecord(catalogue.pipelines.pipelineRunStarted, SOURCE, { pipelineRun: toRun(run) }, attributes(run));
export const encodeRunFinished = (run: PipelineRun): EventRecord => toRecord(catalogue.pipelines.pipelineRunFinished, SOURCE, { pipelineRun: toRun(run) }, attributes(run));

/** What this service reads: what the jobs of steps say, and whatever may fire a trigger. */
export const subscriptions = (triggers: TriggerService, logs: StepLogService): readonly EventGroup[] => [
  {
    group: 'pipelines-step-logs',
    routes: [
      onEvent(catalogue.ingestion.ingestionRunLogged, async ({ log }, { id }) => log && logs.hear(id, log)),
      onEvent(catalogue.features.featureJobLogged, async ({ log }, { id }) => log && logs.hear(id, log)),
      onEvent(catalogue.trainer.trainingJobLogged, async ({ log }, { id }) => log && logs.hear(id, log)),
    ],
  },
  {
    group: 'pipelines-triggers',
    routes: [
      // A run that has ended may be what a firing was held for, whichever instance drove it.
      onEvent(catalogue.pipelines.pipelineRunFinished, async ({ pipelineRun }) => triggers.examine(pipelineVersionName.parse(pipelineRun?.pipelineVersion ?? '').pipeline)),
      onEvent(catalogue.ingestion.datasetVersionCreated, async ({ datasetVersion }, { id }) => {
        const [, dataset = ''] = (datasetVersion?.name ?? '').split('/');
        await triggers.fire(id, { cause: { kind: 'NEW_DATA', resource: datasetVersion?.name ?? '', eventTime: datasetVersion?.eventTimeMax?.getTime() }, concerns: ({ sources }) => Object.hasOwn(sources, dataset) });
        // New data may also free what drift or performance fired before.
        await triggers.examineHeld();
      }),
      onEvent(catalogue.monitor.driftDetected, async ({ report, endpoint }, { id }) =>
        triggers.fire(id, { cause: { kind: 'DRIFT', resource: report?.name ?? '', eventTime: report?.to?.getTime() }, concerns: (file) => `endpoints/${file.endpoint?.name}` === endpoint }),
      ),
      onEvent(catalogue.monitor.performanceDropped, async ({ report, endpoint }, { id }) =>
        triggers.fire(id, { cause: { kind: 'PERFORMANCE', resource: report?.name ?? '', eventTime: report?.to?.getTime() }, concerns: (file) => `endpoints/${file.endpoint?.name}` === endpoint }),
      ),
    ],
  },
];
