import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputColumn, Signature } from '@millrace/contracts/millrace/registry/v1/model';
import { Column, ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientColumns, type ServedView } from './client-columns.js';
import { clientModule } from './client-module.js';

const ROOT = new URL('../../../../', import.meta.url);
const TSC = fileURLToPath(new URL('node_modules/typescript-native/bin/tsc', ROOT));
const CLIENT = fileURLToPath(new URL('libs/client/dist/index.d.ts', ROOT));

const column = (name: string, type: ColumnType) => Column.fromPartial({ name, type, nullable: false });
const input = (name: string, type: ColumnType, more: Partial<InputColumn> = {}) => InputColumn.fromPartial({ column: column(name, type), required: true, ...more });

const INPUTS = [
  input('origin', ColumnType.STRING, { categories: ['ATL', 'ORD', "O'Hare"] }),
  input('distance', ColumnType.INT64, { min: 31, max: 4962 }),
  input('date', ColumnType.TIMESTAMP),
  input('charter flight', ColumnType.BOOL, { required: false }),
  input('origin_late_share', ColumnType.FLOAT64, { min: 0, max: 1 }),
];
const VIEWS: readonly ServedView[] = [{ features: ['origin_late_share'], keys: [column('origin', ColumnType.STRING), column('carrier', ColumnType.STRING)], asked: [column('bags', ColumnType.INT64)] }];

const moduleOf = (inputs: readonly InputColumn[], views: readonly ServedView[] = VIEWS): string =>
  clientModule({ command: 'millrace generate client late', endpoint: 'endpoints/late-flights', modelVersion: 'models/late/versions/3', columns: clientColumns(Signature.fromPartial({ inputs: [...inputs] }), views) });

const CALLER = `import { createClient } from '@millrace/client';
import { type LateFlightsRow, predict } from './late.js';

const row: LateFlightsRow = {
  origin: 'ORD',
  distance: 733n,
  date: new Date('2001-06-30T23:00:00Z'),
  carrier: 'UA',
};
const { predictions } = await predict(createClient({ baseUrl: '' }), [row, { ...row, distance: 733, 'charter flight': true, origin_late_share: 0.2, bags: 2 }]);
export const scores: readonly number[] = predictions.map(({ score }) => score);
`;

it('types a row by the signature and by what features are read by', () => {
  expect(moduleOf(INPUTS)).toBe(`// Written by \`millrace generate client late\` from the signature of models/late/versions/3. Write it anew when the model reads something else: what does not fit any more then does not compile.
import { predictor } from '@millrace/client';

/** One row for endpoints/late-flights. */
export interface LateFlightsRow {
  readonly origin: 'ATL' | 'ORD' | "O'Hare";
  /** Training saw 31 to 4962. */
  readonly distance: bigint | number;
  readonly date: Date;
  readonly 'charter flight'?: boolean | undefined;
  /** Read online where it is left out. */
  readonly origin_late_share?: number | undefined;
  /** What features are read by. */
  readonly carrier: string;
  /** What features are computed from. */
  readonly bags?: bigint | number | undefined;
}

/** Asks endpoints/late-flights for a prediction for each row. */
export const predict = /* @__PURE__ */ predictor<LateFlightsRow>('endpoints/late-flights', {
  origin: 'STRING',
  distance: 'INT64',
  date: 'TIMESTAMP',
  'charter flight': 'BOOL',
  origin_late_share: 'FLOAT64',
  carrier: 'STRING',
  bags: 'INT64',
});
`);
});

/** What each change of the model does to a caller that was not changed: the lines of the caller that do not compile. */
const CHANGES: Readonly<Record<string, { readonly source: string; readonly faults: readonly string[] }>> = {
  'nothing': { source: moduleOf(INPUTS), faults: [] },
  'a feature that may be left out is new': { source: moduleOf([...INPUTS, input('wind', ColumnType.FLOAT64, { required: false })]), faults: [] },
  'a feature is called otherwise': { source: moduleOf(INPUTS.map((each) => (each.column?.name === 'distance' ? input('miles', ColumnType.INT64) : each))), faults: ['caller.ts(6,3): error TS2353', 'caller.ts(10,86): error TS2353'] },
  'a feature is gone': { source: moduleOf(INPUTS.filter(({ column: of }) => of?.name !== 'date')), faults: ['caller.ts(7,3): error TS2353'] },
  'a feature that must be there is new': { source: moduleOf([...INPUTS, input('wind', ColumnType.FLOAT64)]), faults: ['caller.ts(4,7): error TS2741'] },
  'a feature has another type': { source: moduleOf(INPUTS.map((each) => (each.column?.name === 'date' ? input('date', ColumnType.STRING) : each))), faults: ['caller.ts(7,3): error TS2322'] },
  'a whole number became a double': { source: moduleOf(INPUTS.map((each) => (each.column?.name === 'distance' ? input('distance', ColumnType.FLOAT64) : each))), faults: ['caller.ts(6,3): error TS2322'] },
  'a category is gone': { source: moduleOf(INPUTS.map((each) => (each.column?.name === 'origin' ? input('origin', ColumnType.STRING, { categories: ['ATL'] }) : each))), faults: ['caller.ts(5,3): error TS2322'] },
  'a key is new': { source: moduleOf(INPUTS, [...VIEWS, { features: [], keys: [column('destination', ColumnType.STRING)], asked: [] }]), faults: ['caller.ts(4,7): error TS2741'] },
  'names are such as no language likes': { source: moduleOf([...INPUTS, ...['__proto__', 'class', "a'b", 'a\\b', '1st', 'größe', 'a\nb', '*/'].map((name) => input(name, ColumnType.STRING, { required: false, categories: ["it's", '\\', '\u2028', '*/'] }))]), faults: [] },
};

describe('a caller that was written against the model before', () => {
  let directory: string;
  let told: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-generated-'));
    Object.values(CHANGES).forEach(({ source }, i) => {
      mkdirSync(join(directory, String(i)));
      writeFileSync(join(directory, String(i), 'late.ts'), source);
      writeFileSync(join(directory, String(i), 'caller.ts'), CALLER);
    });
    // A stranger's project for the browser: no types of Node, and what the package declares is checked too.
    const compilerOptions = { strict: true, exactOptionalPropertyTypes: true, noEmit: true, module: 'ESNext', moduleResolution: 'bundler', target: 'ES2022', lib: ['ES2023', 'DOM'], types: [], paths: { '@millrace/client': [CLIENT] } };
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['**/*.ts'] }));
    writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
    told = await new Promise((resolve) => execFile(process.execPath, [TSC, '-p', directory, '--pretty', 'false'], { cwd: directory, timeout: 50_000 }, (_, out, err) => resolve(out + err)));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it.each(Object.entries(CHANGES).map(([change, { faults }], i) => [change, faults, i] as const))('hears of it at compile time: %s', (_, faults, i) => {
    const found = told.split('\n').filter((line) => line.startsWith(`${i}/`)).map((line) => line.replace(/^\d+\//, '').replace(/(error TS\d+).*/, '$1'));
    expect(found).toEqual(faults);
  });

  it('is the only one who hears of anything', () => {
    expect(told.split('\n').filter((line) => line !== '' && !/^(\d+\/caller\.ts\(|\s)/.test(line))).toEqual([]);
  });
});
