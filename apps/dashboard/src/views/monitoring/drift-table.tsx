import type { Monitor, Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { useRef } from 'react';
import { SCORE } from '../../calls/monitor.js';
import { SIGN } from '../../parts/meaning.js';
import { Saves } from '../../parts/saves.js';
import type { Sheet } from '../../parts/sheet.js';
import { Link } from '../../router.js';
import { day, fixed } from '../../text.js';
import { driftOf, inputPlace, psiLimit } from './drift.js';

const TITLE = 'PSI of every input by window';

/** A step of shade: nothing to speak of, half-way to the limit, near it, beyond it. */
function shadeOf(psi: number, limit: number): number {
  return psi > limit ? 3 : psi > limit / 2 ? 2 : psi > limit / 4 ? 1 : 0;
}

const psiOf = (report: Report, column: string): number | undefined => driftOf(report, column)?.distances['psi'];

/** Inputs by windows, the newest first, and the most moved inputs first: the figures are the picture. Windows come oldest first. */
export function DriftTable({ monitor, reports }: { readonly monitor: Monitor | undefined; readonly reports: readonly Report[] }) {
  const limit = psiLimit(monitor?.drift);
  const newest = reports.toReversed();
  const ignored = new Set(monitor?.drift?.ignore);
  const most = (name: string): number => Math.max(...reports.map((report) => psiOf(report, name) ?? 0));
  const inputs = [...new Set(reports.flatMap(({ columns }) => columns.map(({ column }) => column)))].filter((name) => !ignored.has(name)).sort((a, b) => most(b) - most(a));
  const rows = [SCORE, ...inputs];
  const table = useRef<HTMLTableElement>(null);
  const sheet = (): Sheet => ({ columns: ['input', ...newest.map(({ from }) => day(from))], rows: rows.map((name) => [name, ...newest.map((report) => psiOf(report, name))]) });
  return (
    <figure>
      <Saves title={TITLE} drawn={table} sheet={sheet}>
        <h3>{TITLE}</h3>
        <p>Each against what the model saw in training; beyond {limit} is an alert. An input leads to its other distances, and a figure to how it was spread.</p>
      </Saves>
      <div className="scroll" tabIndex={0} role="region" aria-label={TITLE}>
        <table className="heat" ref={table}>
          <caption className="unseen">{TITLE}, the most moved first</caption>
          <thead>
            <tr>
              <th scope="col">Input</th>
              {newest.map(({ name, from }) => (
                <th key={name} scope="col" className="figures">
                  {day(from)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((name) => (
              <tr key={name}>
                <th scope="row">
                  <Link href={inputPlace(monitor?.name ?? '', name)}>{name === SCORE ? 'the score itself' : name}</Link>
                </th>
                {newest.map((report) => (
                  <Cell key={report.name} psi={psiOf(report, name)} limit={limit} to={inputPlace(report.monitor, name, report.name)} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

function Cell({ psi, limit, to }: { readonly psi: number | undefined; readonly limit: number; readonly to: string }) {
  if (psi === undefined) return <td className="figures">–</td>;
  return (
    <td className="figures" data-shade={shadeOf(psi, limit)}>
      <Link href={to}>
        {psi > limit ? (
          <>
            <span aria-hidden="true">{SIGN.watch} </span>
            <span className="unseen">beyond its limit: </span>
          </>
        ) : undefined}
        {fixed(psi, 3)}
      </Link>
    </td>
  );
}
