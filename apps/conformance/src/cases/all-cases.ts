import type { Case } from './case.js';
import { listCases } from './lists.cases.js';
import { nameCases } from './names.cases.js';
import { registryCases } from './registry.cases.js';

/** Every case, by what it is about; in this order they run. */
export const allCases: Readonly<Record<string, readonly Case[]>> = {
  registry: registryCases,
  names: nameCases,
  lists: listCases,
};
