import type { ColumnDistribution, Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { useState } from 'react';
import { monitorCalls, SCORE } from '../../calls/monitor.js';
import { Series } from '../../charts/series.js';
import { Spread, type SpreadBin } from '../../charts/spread.js';
import { useAnswer } from '../../client/answers.js';
import { usePages } from '../../client/pages.js';
import { Choice } from '../../parts/choice.js';
import { Figure } from '../../parts/figure.js';
import { More } from '../../parts/more.js';
import { Empty, Shown } from '../../parts/states.js';
import { Link, Resource } from '../../router.js';
import { count, day, figure, fixed, percent, sentence, toldText } from '../../text.js';
import { DISTANCES, driftOf, inputPlace, psiLimit } from './drift.js';

/** One input of a monitor, or the score: how far it moved by every distance, and how it was spread in one window beside its reference. */
export function InputPage({ name, column, report }: { readonly name: string; readonly column: string; readonly report: string | undefined }) {
  const windows = usePages((token) => monitorCalls.reports(name, token));
  const reports = windows.pages.flatMap((page) => page.reports);
  const told = reports.filter((each) => driftOf(each, column) !== undefined);
  const chosen = report === undefined ? told[0]?.name : `reports/${report}`;
  return (
    <>
      <p className="crumbs">
        <Link href="/monitoring">Monitoring</Link> / <Resource name={name} />
      </p>
      <h1>{column === SCORE ? 'The score itself' : column}</h1>
      <Shown answer={windows.first} what="windows">
        {() =>
          chosen === undefined ? (
            <Empty title={`No window tells of ${column}`}>A window does when it has been judged; inputs that a monitor ignores are not told.</Empty>
          ) : (
            <>
              <h2>How far it moved</h2>
              <Distances name={name} column={column} reports={told.toReversed()} />
              <More of={windows} shown={reports.length} noun="windows" />
              <h2>What it looked like</h2>
              <InWindow column={column} report={chosen} from={reports.find((each) => each.name === chosen)?.from} />
            </>
          )
        }
      </Shown>
    </>
  );
}

/** Windows are oldest first. */
function Distances({ name, column, reports }: { readonly name: string; readonly column: string; readonly reports: readonly Report[] }) {
  const monitor = useAnswer(monitorCalls.monitors()).value?.monitors.find((each) => each.name === name);
  const known = Object.keys(DISTANCES).filter((each) => reports.some((report) => driftOf(report, column)?.distances[each] !== undefined));
  const [wanted, want] = useState('psi');
  const method = known.includes(wanted) ? wanted : (known[0] ?? 'psi');
  const limit = method === 'psi' ? psiLimit(monitor?.drift) : undefined;
  const of = (report: Report): number | undefined => driftOf(report, column)?.distances[method];
  const points = reports.flatMap((report) => {
    const value = of(report);
    return value === undefined ? [] : [{ label: day(report.from), value, beyond: limit !== undefined && value > limit }];
  });
  const { title = method, says = '' } = DISTANCES[method] ?? {};
  return (
    <>
      <Choice legend="Method" of={Object.fromEntries(known.map((each) => [each, DISTANCES[each]?.title ?? each]))} chosen={method} choose={want} />
      <Figure
        wide
        title={`${title} by window`}
        says={`${sentence(says)}. ${limit === undefined ? 'No limit is set for it.' : `Beyond ${limit} it is an alert.`}`}
        picture={<Series points={points} limit={limit} says={points.map(({ label, value }) => `${label} ${fixed(value, 3)}`).join(', ')} />}
        table={{
          rows: reports.toReversed(),
          keyOf: (report) => report.name,
          columns: [
            { head: 'Window from', cell: ({ from, name: window }) => <Link href={inputPlace(name, column, window)}>{day(from)}</Link>, plain: ({ from }) => from },
            { head: title, figures: true, cell: (report) => figure(of(report)), plain: of },
            { head: 'Rows', figures: true, cell: (report) => count(driftOf(report, column)?.rows ?? 0n), plain: (report) => driftOf(report, column)?.rows },
            { head: 'Missing', figures: true, cell: (report) => percent(driftOf(report, column)?.missingShare ?? 0), plain: (report) => driftOf(report, column)?.missingShare },
            { head: 'Missing in training', figures: true, cell: (report) => percent(driftOf(report, column)?.referenceMissingShare ?? 0), plain: (report) => driftOf(report, column)?.referenceMissingShare },
            { head: 'Never seen in training', figures: true, cell: (report) => percent(driftOf(report, column)?.unseenShare ?? 0), plain: (report) => driftOf(report, column)?.unseenShare },
          ],
        }}
      />
    </>
  );
}

function InWindow({ column, report, from }: { readonly column: string; readonly report: string; readonly from: Date | undefined }) {
  const answer = useAnswer(monitorCalls.distributions(report, column));
  return (
    <Shown answer={answer} what="the distribution">
      {({ columns, score, modelVersion }) => {
        const found = column === SCORE ? score : columns[0];
        if (!found) return <p className="quiet">Nothing was asked in this window.</p>;
        const bins = binsOf(found);
        const total = (of: (bin: SpreadBin) => number): number => Math.max(1, bins.reduce((sum, bin) => sum + of(bin), 0));
        const [before, now] = [total((bin) => bin.before), total((bin) => bin.now)];
        return (
          <Figure
            title={`How it was spread in the window from ${day(from)}`}
            says={`Bars are the window, lines what ${modelVersion.split('/').slice(1, 2).join('')} ${modelVersion.split('/').at(-1) ?? ''} saw in training. ${found.values.length > 0 ? 'Other values are one.' : 'Each bin held about the same share of the training rows.'}`}
            picture={<Spread bins={bins} />}
            table={{
              rows: bins,
              keyOf: ({ label }) => label,
              columns: [
                { head: 'Values', cell: ({ label }) => label },
                { head: 'In training', figures: true, cell: (bin) => percent(bin.before / before), plain: (bin) => bin.before },
                { head: 'In the window', figures: true, cell: (bin) => percent(bin.now / now), plain: (bin) => bin.now },
                { head: 'Rows', figures: true, cell: (bin) => count(bin.now), plain: (bin) => bin.now },
              ],
            }}
          />
        );
      }}
    </Shown>
  );
}

/** Bins of numbers or values in their order, with what is other and what is missing where there is any. */
function binsOf({ bounds, values, reference, window, referenceOther, windowOther, referenceMissing, windowMissing }: ColumnDistribution): readonly SpreadBin[] {
  const range = (i: number): string => (i === 0 ? `to ${figure(bounds[1])}` : i === reference.length - 1 ? `over ${figure(bounds[i])}` : `${figure(bounds[i])} to ${figure(bounds[i + 1])}`);
  const label = (i: number): string => values.slice(i, i + 1).map(toldText)[0] ?? range(i);
  const rest = [
    { label: 'other values', before: Number(referenceOther), now: Number(windowOther) },
    { label: 'missing', before: Number(referenceMissing), now: Number(windowMissing) },
  ].filter(({ before, now }) => before + now > 0);
  return [...reference.map((before, i) => ({ label: label(i), before: Number(before), now: Number(window[i] ?? 0n) })), ...rest];
}
