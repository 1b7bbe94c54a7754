import type { Cell } from '@millrace/core';
import type { FormulaColumn } from '@millrace/plan';
import { resolveService, type ResolvedService } from '../feature-service.js';
import type { FeatureView } from '../feature-view.js';
import { type Draw, HISTORY_SCHEMA, pick, whole } from '../offline/history.fixture.js';
import { checkOnDemand, formulaTypeOf, type OnDemandView } from '../on-demand-view.js';

/** What a request of the specs brings beside its keys. */
export const REQUEST: readonly FormulaColumn[] = [
  { name: 'scale', type: 'FLOAT64' },
  { name: 'seats', type: 'INT64' },
  { name: 'is late', type: 'BOOL' },
  { name: 'gate', type: 'STRING' },
  { name: 'leaves', type: 'TIMESTAMP' },
];

/** Cells of a request, of every kind, or missing. */
export const requestRow = (draw: Draw): Readonly<Record<string, Cell>> => ({
  scale: pick<Cell>(draw, [undefined, 0, -0, 2.5, -1 / 3, Number.NaN, Infinity, whole(draw, -1000, 1000) / 7]),
  seats: pick<Cell>(draw, [undefined, 0n, 180n, -(2n ** 62n) - 1n, 2n ** 53n + 1n]),
  'is late': pick<Cell>(draw, [undefined, true, false]),
  gate: pick<Cell>(draw, [undefined, '', 'a', "it's", 'é']),
  leaves: pick<Cell>(draw, [undefined, new Date(Date.UTC(2000, 1, 29, 23, 59, 59)), new Date(-1), new Date(whole(draw, -1e9, 1e9) * 1000)]),
});

/** A view on demand over all features of a view and all that a request brings: every feature in a formula of its own, and some that mix. */
export function onDemandOver(view: FeatureView): Promise<OnDemandView> {
  const each = view.features.map(({ name }, i) => {
    const type = formulaTypeOf(view, view.features[i] ?? { name, column: '', aggregation: 'COUNT', window: 0 }, HISTORY_SCHEMA);
    const formula = type === 'STRING' ? `coalesce(f_${name}, 'none') || '/' || gate` : type === 'TIMESTAMP' ? `hour(f_${name}) - hour(leaves)` : `case when f_${name} is null and "is late" = 1 then scale else f_${name} / scale end`;
    return { name: `of_${name}`, formula };
  });
  const mixed = [{ name: 'filled', formula: 'coalesce(f_rows, 0) * seats + scale' }, { name: 'asked', formula: 'weekday(leaves) * -1 * scale' }, { name: 'flag', formula: 'f_rows > seats or gate = \'a\'' }];
  return checkOnDemand(
    { view: `${view.view}-asked`, description: '', request: REQUEST, inputs: [{ view: view.view, features: [], prefix: 'f_', keyColumns: {} }], features: [...each, ...mixed] },
    new Map([[view.view, view]]),
    async () => HISTORY_SCHEMA,
  );
}

/** A service of a view on demand and of one feature of the view that it reads, between the two. */
export const serviceOnDemand = (view: FeatureView, onDemand: OnDemandView): ResolvedService =>
  resolveService(
    {
      service: 's',
      description: '',
      references: [
        { view: onDemand.view, features: ['filled'], prefix: 'first_', keyColumns: {} },
        { view: view.view, features: ['rows'], prefix: '', keyColumns: {} },
        { view: onDemand.view, features: [], prefix: '', keyColumns: {} },
      ],
    },
    new Map<string, FeatureView | OnDemandView>([[view.view, view], [onDemand.view, onDemand]]),
  );
