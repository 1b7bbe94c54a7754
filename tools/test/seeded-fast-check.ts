import fc from '../../node_modules/fast-check/lib/fast-check.js';

/**
 * Properties of the specs are searched from a seed that stays, so that a change is judged by what it changed. `MILLRACE_PROPERTY_SEED=random` searches anew, and
 * `MILLRACE_PROPERTY_SEED=<number>` from there; a property that says a seed of its own keeps it.
 */
const SEED = 20_010_101;
const asked = process.env['MILLRACE_PROPERTY_SEED'];
if (asked !== undefined && asked !== 'random' && !/^-?\d+$/.test(asked)) throw new Error(`MILLRACE_PROPERTY_SEED is "${asked}"; give a whole number, or "random".`);
if (asked !== 'random') fc.configureGlobal({ seed: asked === undefined ? SEED : Number(asked) });

// eslint-disable-next-line no-restricted-syntax -- because it is the package to those who import it
export * from '../../node_modules/fast-check/lib/fast-check.js';
// eslint-disable-next-line no-restricted-syntax -- because it is the package to those who import it
export default fc;
