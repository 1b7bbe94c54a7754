import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lowerPlan } from './index.js';
import { StepTrial } from './step-trial.fixture.js';

let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

/** Text functions of formulas, each beside what it promises, told by code points and not by the functions of the language. */
const FUNCTIONS: Readonly<Record<string, (points: readonly number[]) => readonly number[]>> = {
  'lower(s)': (points) => points.map((point) => (point >= 65 && point <= 90 ? point + 32 : point)),
  'upper(s)': (points) => points.map((point) => (point >= 97 && point <= 122 ? point - 32 : point)),
  'trim(s)': (points) => points.slice(Math.max(0, points.findIndex((point) => !isSpace(point))), points.findLastIndex((point) => !isSpace(point)) + 1),
  'substring(s, 1, 2)': (points) => points.slice(0, 2),
  'substring(s, 3, 64)': (points) => points.slice(2, 66),
  "replace(s, 'a', '')": (points) => points.filter((point) => point !== 97),
  "replace(s, 'é', 'ß!')": (points) => points.flatMap((point) => (point === 0xe9 ? [0xdf, 33] : [point])),
  "replace(s, '😀', 'a')": (points) => points.map((point) => (point === 0x1f600 ? 97 : point)),
};
const isSpace = (point: number) => (point >= 9 && point <= 13) || point === 32;

const WORDS = ['', ' ', 'a', 'A', 'é', 'É', 'e\u0301', 'ß', 'ẞ', 'İ', 'ı', 'I', 'i', 'Σ', 'ς', 'ﬁ', 'Ǆ', '😀', '👩‍👩‍👧', '🇩🇪', '日本', '\u00a0', '\u2028', '\t', '\r\n', '\uFFFF', '\uFFFE', '\u{10FFFF}', '\u0001', '\\', '"', "'", '%', '$&'];
const clean = (text: string) => text.isWellFormed() && !text.includes('\u0000') && text !== '\uFFFF';
const text = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...WORDS), { maxLength: 6 }).map((words) => words.join('')) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
).filter(clean);

describe('the text functions of formulas', () => {
  it('give the same bits in every rendering, and what they promise for each code point: accents, ß, the Turkish i, emoji, empty and missing texts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(text, { freq: 8 }), { minLength: 1, maxLength: 12 }), fc.constantFrom(...Object.keys(FUNCTIONS)), async (texts, formula) => {
        const promised = texts.map((each) => (each === null ? null : String.fromCodePoint(...(FUNCTIONS[formula] ?? ((points) => points))([...each].map((character) => character.codePointAt(0) ?? 0)))));
        // What stands for missing in ONNX is missing everywhere.
        const wanted = promised.map((each) => (each === '\uFFFF' ? null : each));
        // A column with what is wanted is not read by the function, so the comparison can be made in the formula itself.
        const steps = [{ expression: { formula: `case when ${formula} = wanted then 1 when wanted is null and ${formula} is null then 1 else 0 end`, as: 'same' } }, { expression: { formula: `length(${formula})`, as: 'size' } }];
        const found = await trial.features({ steps, features: ['same', 'size'], training: { s: texts, wanted }, types: { s: 'STRING', wanted: 'STRING' } });
        expect(found['same']).toEqual(texts.map(() => 1));
        expect(found['size']).toEqual(wanted.map((each) => (each === null ? Number.NaN : [...each].length)));
      }),
      { numRuns: 120, seed: 5, endOnFailure: true },
    );
  }, 180_000);

  it('leave letters beyond A to Z as they are: É, ß, İ and Σ have no other case here', async () => {
    const s = ['ÉCOLE', 'Straße', 'İI', 'ΣΑΣ', '\u212A'];
    const lower = ['École', 'straße', 'İi', 'ΣΑΣ', '\u212A'];
    const steps = [{ expression: { formula: 'case when lower(s) = lower then 1 else 0 end', as: 'same' } }];
    expect((await trial.features({ steps, features: ['same'], training: { s, lower }, types: { s: 'STRING', lower: 'STRING' } }))['same']).toEqual([1, 1, 1, 1, 1]);
  });

  it('count and replace up to a limit, so that a long text among many rows takes no more memory than it has', async () => {
    const sizes = [0, 1, 2, 3, 100, 255, 256, 257, 511, 512, 513, 5_000, 300_000];
    for (const letter of ['a', 'é', '😀']) {
      const s = sizes.map((size) => letter.repeat(size));
      const steps = [{ expression: { formula: 'length(s)', as: 'size' } }, { expression: { formula: `length(replace(s, '${letter}', 'bc'))`, as: 'doubled' } }, { expression: { formula: 'length(substring(s, 256, 64))', as: 'rest' } }];
      const found = await trial.features({ steps, features: ['size', 'doubled', 'rest'], training: { s }, types: { s: 'STRING' } });
      expect(found['size']).toEqual(sizes.map((size) => Math.min(512, size)));
      expect(found['doubled']).toEqual(sizes.map((size) => (size > 100 ? Number.NaN : 2 * size)));
      expect(found['rest']).toEqual(sizes.map((size) => Math.max(0, Math.min(64, size - 255))));
    }
    const s = [...Array.from({ length: 9_999 }, () => 'x'), 'y '.repeat(500_000)];
    const steps = ["length(replace(s, 'y', ''))", "length(trim(upper(s)))", 'length(substring(s, 250, 64))'].map((formula, i) => ({ expression: { formula, as: `f${i}` } }));
    const fitted = await trial.fit({ steps, features: ['f0', 'f1', 'f2'], training: { s: ['x'] }, types: { s: 'STRING' } });
    const before = process.memoryUsage().rss;
    const scores = await trial.checker.batch({ schema: fitted.plan.inputs, rows: s.map((each) => ({ s: each })), outputs: lowerPlan(fitted).features });
    expect([...scores.slice(-3)]).toEqual([Number.NaN, 512, 64]);
    expect(process.memoryUsage().rss - before).toBeLessThan(1_500_000_000);
  }, 120_000);

  it('are of use to later steps, which learn from what they make', async () => {
    const steps = [{ expression: { formula: "lower(trim(replace(s, '-', ' ')))", as: 'clean' } }, { ordinal: { column: 'clean' } }];
    const found = await trial.features({ steps, features: ['clean_code'], training: { s: [' Red-Car', 'red car', 'RED CAR ', 'blue', null] }, types: { s: 'STRING' } });
    expect(found['clean_code']).toEqual([0, 0, 0, 1, Number.NaN]);
  });
});
