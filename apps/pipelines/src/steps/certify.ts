import { errors } from '../errors.js';
import { outputsOf } from '../pipeline-run.js';
import type { Step } from './step.js';

/** Replays held-out rows through the serving path; a version whose bits differ is not deployed. */
export const certify: Step = {
  async execute({ run, services, signal }) {
    const name = outputsOf(run, 'register')['model_version'] ?? '';
    const version = await services.registry.getModelVersion({ name });
    const { rows, equal, maxDifference, environment } = await services.inference.certifyParity({ artifact: version.artifact, sample: version.paritySample }, { signal, deadlineMs: DEADLINE_MS });
    if (equal !== rows) throw errors.PARITY_BROKEN({ version: name, rows: String(rows), equal: String(equal), difference: String(maxDifference) });
    if (!version.certificate) {
      await services.registry.certifyModelVersion({ name, etag: version.etag, certificate: { rows, equal, maxDifference, environment, createTime: new Date(), sampleDigest: version.paritySample?.digest ?? '' } });
    }
    return { outputs: { rows: String(rows), equal: String(equal) } };
  },
};

const DEADLINE_MS = 120_000;
