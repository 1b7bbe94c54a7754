import { checkFeatures } from '../calls/check-features.js';
import type { DemoServices } from './services.js';

/** Features that were served against those that history gives for the same moments, to the bit. */
export interface SkewCheck {
  readonly datasetVersions: readonly string[];
  readonly rows: number;
  readonly values: number;
  readonly different: number;
  /** One difference in words; empty when there is none. */
  readonly example: string;
}

const SAMPLE = 10_000;

/** What `millrace feature check` says, in the words of the story. */
export async function checkSkew(services: DemoServices, endpoint: string): Promise<SkewCheck> {
  const { vectors, values, mismatches, features, datasetVersions } = await checkFeatures(services, { endpoint, sample: SAMPLE });
  const [worst] = features;
  return { datasetVersions, rows: Number(vectors), values: Number(values), different: Number(mismatches), example: worst && worst.mismatches > 0n ? `${worst.feature}: ${worst.example}` : '' };
}
