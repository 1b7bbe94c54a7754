import type { Home } from '../home/home.js';
import { flight } from './rows.js';

/** An endpoint that was asked a few times. */
export interface Asked {
  readonly endpoint: string;
}

export async function ask({ inference }: Home): Promise<Asked> {
  const endpoint = 'endpoints/asked';
  await inference.applyEndpoint({ endpoint: { name: endpoint, alias: 'models/late/aliases/champion', featureService: 'featureServices/late' } });
  for (const distance of [1, 2, 3]) await inference.predict({ endpoint, rows: [flight(distance, 'ATL')] });
  return { endpoint };
}
