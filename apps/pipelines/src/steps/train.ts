import { Run_State } from '@millrace/contracts/millrace/registry/v1/experiment';
import type { Evaluation } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import type { TrainingJob } from '@millrace/contracts/millrace/trainer/v1/training_job';
import { canonicalJson } from '@millrace/core';
import { knownAfterEvent } from '../file/file-schema.js';
import { splitMessage } from '../file/split-messages.js';
import { rungMessages } from '../file/rung-messages.js';
import { type Outcome, outputsOf, pipelineRunName } from '../pipeline-run.js';
import { awaitJob } from './await-job.js';
import { findChampion } from './champion.js';
import type { Step, StepContext } from './step.js';

/** Trains the ladder, beside the champion when there is one, and asks the gate. The registry keeps what each rung scored. */
export const train: Step = {
  cacheInput: async (context) => ({ set: outputsOf(context.run, 'training_set').digest, end: outputsOf(context.run, 'training_set').data_end, spec: decisive(context), champion: (await findChampion(context))?.artifact?.digest ?? '' }),
  async execute(context) {
    const { services, requestId, signal, version, run } = context;
    const champion = await findChampion(context);
    const created = await services.trainer.createTrainingJob({ spec: specOf(context, champion), requestId });
    const ended = await awaitJob(services.trainer.watchTrainingJob({ name: created.name }, { signal }), context, () => services.trainer.cancelTrainingJob({ name: created.name }));
    const evaluation = await services.trainer.getEvaluation({ name: ended.evaluation });
    const challenger = ended.models.at(-1);
    const kept = await remember(context, { job: ended, evaluation, challenger: challenger?.rung });
    const passed = evaluation.gate?.passed ?? false;
    const outcome: Outcome | undefined = passed ? undefined : { decision: 'REFUSED', modelVersion: '', why: why(evaluation) };
    return {
      outputs: {
        training_job: ended.name,
        evaluation: evaluation.name,
        experiment_run: kept,
        ...Object.fromEntries(evaluation.samples.map(({ step, rows, rowsBefore, by, columns, seed }) => [`sample_${step}`, `${rows} of ${rowsBefore} rows, ${by}${columns.length > 0 ? ` on ${columns.join(' and ')}` : ''}, seed ${seed}`])),
        challenger: challenger?.rung ?? '',
        artifact: challenger?.artifact?.digest ?? '',
        passed: String(passed),
        why: why(evaluation),
        champion: champion?.name ?? '',
        pipeline_run: pipelineRunName.format({ run: run.id }),
        model: version.file.register.model,
      },
      ...(outcome ? { outcome } : {}),
    };
  },
};

const why = ({ gate }: Evaluation): string => {
  const broken = gate?.checks.filter(({ passed }) => !passed) ?? [];
  const told = broken.length > 0 ? broken : (gate?.checks ?? []);
  return told.map((check) => check.why).join('; ') || 'the gate asks for nothing';
};

/** What of the file decides the models. */
const decisive = ({ version: { file } }: StepContext) => ({ training: file.training, plan: file.plan, ladder: file.ladder, gate: file.gate });

function specOf({ version: { file }, run }: StepContext, champion: Awaited<ReturnType<typeof findChampion>>) {
  const { training, plan, gate, sources } = file;
  const { training_set: set = '', data_end: end = '0' } = outputsOf(run, 'training_set');
  const slices = (gate['slices'] as { readonly columns?: readonly string[] } | undefined)?.columns ?? [];
  return {
    trainingSet: set,
    knownAfterEvent: [...knownAfterEvent(file)],
    target: training.target,
    eventTimeColumn: sources[training.spine]?.contract.event_time ?? '',
    split: splitMessage(training.split, Number(end)),
    groups: training.groups ?? [],
    planJson: canonicalJson(plan),
    rungs: rungMessages(file),
    champion: champion && { modelVersion: champion.name, artifact: champion.artifact },
    gateJson: canonicalJson(gate),
    sliceColumns: [...slices],
    seed: BigInt(training.seed),
    maxTrainingRows: BigInt(training.max_training_rows),
  };
}

/** Keeps one experiment run for the ladder, called as its pipeline run is: parameters, the figures of each rung, which of them is the challenger, the report. */
async function remember({ services, version, requestId, run }: StepContext, { job, evaluation, challenger }: { readonly job: TrainingJob; readonly evaluation: Evaluation; readonly challenger: string | undefined }): Promise<string> {
  const experiment = await services.registry.createExperiment({ experiment: { name: `experiments/${version.pipeline}`, description: version.file.description } });
  const kept = await services.registry.createRun({
    parent: experiment.name,
    requestId,
    run: {
      displayName: `run ${run.id.slice(-6)}`,
      origin: job.name,
      startTime: job.status?.startTime,
      tags: { pipeline_run: pipelineRunName.format({ run: run.id }), gate: evaluation.gate?.passed ? 'passed' : 'refused', ...(challenger === undefined ? {} : { challenger }) },
      params: Object.fromEntries(version.file.ladder.map(({ name, params }) => [name, canonicalJson(params)])),
    },
  });
  const metrics = evaluation.rungs.flatMap(({ rung, metrics: figures }) => figures.map(({ metric, value }) => ({ key: `${rung}.${metric}`, step: 0n, value, time: evaluation.createTime })));
  await services.registry.logRun({ name: kept.name, metrics, params: {}, tags: {}, artifacts: evaluation.report ? [{ path: 'evaluation.json', object: evaluation.report }] : [], requestId: `${requestId}-metrics` });
  await services.registry.finishRun({ name: kept.name, state: Run_State.SUCCEEDED });
  return kept.name;
}
