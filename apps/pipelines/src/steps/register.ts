import { outputsOf, pipelineRunName } from '../pipeline-run.js';
import type { Step } from './step.js';

/** Registers the challenger as an immutable version with its signature, figures and origin. */
export const register: Step = {
  async execute({ run, version, services, requestId }) {
    const { training_job: jobName = '', evaluation: evaluationName = '', experiment_run: experimentRun = '' } = outputsOf(run, 'train');
    const { training_set: trainingSet = '', dataset_version: datasetVersion = '' } = outputsOf(run, 'training_set');
    const [job, evaluation] = await Promise.all([services.trainer.getTrainingJob({ name: jobName }), services.trainer.getEvaluation({ name: evaluationName })]);
    const challenger = job.models.at(-1);
    const report = evaluation.rungs.find(({ rung }) => rung === challenger?.rung);
    const { model } = version.file.register;
    await services.registry.createModel({ model: { name: `models/${model}`, description: version.file.description } });
    const registered = await services.registry.createModelVersion({
      parent: `models/${model}`,
      requestId,
      modelVersion: {
        description: `${challenger?.rung ?? ''} of ${jobName}`,
        artifact: challenger?.artifact,
        modelDigest: challenger?.modelDigest ?? '',
        planDigest: challenger?.planDigest ?? '',
        signature: { inputs: (challenger?.inputs?.columns ?? []).map((column) => ({ column, categories: [], required: !column.nullable })), outputs: [] },
        metrics: Object.fromEntries((report?.metrics ?? []).map(({ metric, value }) => [metric, value])),
        origin: {
          trainingJob: jobName,
          evaluation: evaluationName,
          trainingSet,
          datasetVersion,
          featureService: version.file.training.features === undefined ? '' : `featureServices/${version.file.training.features}`,
          pipelineRun: pipelineRunName.format({ run: run.id }),
          run: experimentRun,
          codeVersion: '',
        },
        reference: challenger?.reference,
        paritySample: challenger?.paritySample,
        tags: { pipeline: version.pipeline, gate: 'passed' },
      },
    });
    return { outputs: { model_version: registered.name, artifact: registered.artifact?.digest ?? '' } };
  },
};
