import { expect, it } from 'vitest';
import { drawMoment } from './moment.mjs';
import { PHASES, Phases } from './phases.mjs';
import { seeded } from './random.mjs';

const draw = (seed, options) => Array.from({ length: 200 }, ((random) => () => drawMoment(random, { hits: new Map(), phases: new Phases(), ...options }).told)(seeded(seed)));

it('draws the same moments from the same seed, and others from another', () => {
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

it('draws every phase, and keeps to the ones that are hit least', () => {
  for (const phase of PHASES) expect(draw(3)).toContainEqual(expect.stringMatching(new RegExp(`into ${phase}$`)));
  const hits = new Map(PHASES.map((phase) => [phase, phase === 'train' ? 0 : 2]));
  expect(draw(3, { hits }).filter((told) => / into /.test(told)).every((told) => told.endsWith('into train'))).toBe(true);
});

it('waits for no write where it is not to', () => {
  expect(draw(5, { kinds: ['time', 'phase'] }).some((told) => told.includes('a write'))).toBe(false);
});

it('keeps to one phase where it is told to', () => {
  expect(draw(4, { only: 'deploy' }).every((told) => told.endsWith('into deploy'))).toBe(true);
});
