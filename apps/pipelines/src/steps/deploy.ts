import { InputGuard_Action } from '@millrace/contracts/millrace/inference/v1/endpoint';
import { outputsOf } from '../pipeline-run.js';
import { findChampion } from './champion.js';
import type { Step } from './step.js';

const ACTIONS = { flag: InputGuard_Action.FLAG, reject: InputGuard_Action.REJECT, ignore: InputGuard_Action.IGNORE };

/** Points the alias at the certified version, and the endpoint at the alias. */
export const deploy: Step = {
  async execute(context) {
    const { run, version, services } = context;
    const { register, endpoint, training } = version.file;
    const modelVersion = outputsOf(run, 'register')['model_version'] ?? '';
    const alias = `models/${register.model}/aliases/${register.alias}`;
    const { why = '' } = outputsOf(run, 'train');
    // Asked again after a crash, the alias is there already: moving it once more would write a second line of history.
    if ((await findChampion(context))?.name !== modelVersion) await services.registry.moveAlias({ name: alias, modelVersion, reason: why.slice(0, MAX_REASON) });
    if (endpoint) {
      const { out_of_range, unseen_category, missing } = endpoint.guard;
      await services.inference.applyEndpoint({
        endpoint: {
          name: `endpoints/${endpoint.name}`,
          description: endpoint.description,
          alias,
          featureService: training.features === undefined ? '' : `featureServices/${training.features}`,
          guard: { outOfRange: ACTIONS[out_of_range], unseenCategory: ACTIONS[unseen_category], missing: ACTIONS[missing] },
        },
      });
    }
    return { outputs: { alias, model_version: modelVersion, endpoint: endpoint ? `endpoints/${endpoint.name}` : '' }, outcome: { decision: 'PROMOTED', modelVersion, why } };
  },
};

const MAX_REASON = 1_000;
