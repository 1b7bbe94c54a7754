import { z } from 'zod';

/** An option of kinds that learn categories. It has no default, so that plans from before it keep their digest. */
export const MIN_COUNT = z.int().min(1).optional().describe('Categories with fewer training rows count as unseen; all are kept unless given.');
