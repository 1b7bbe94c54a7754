import type { ColumnDrift, Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { SIGN } from '../../parts/meaning.js';
import { day } from '../../text.js';

const psiOf = (drift: ColumnDrift | undefined): number | undefined => drift?.distances['psi'];

/** A step of shade: nothing to speak of, half-way to the limit, near it, beyond it. */
function shadeOf(psi: number, limit: number): number {
  return psi > limit ? 3 : psi > limit / 2 ? 2 : psi > limit / 4 ? 1 : 0;
}

/** Inputs by windows, the most moved first: the figures are the picture. */
export function DriftTable({ reports, limit, ignored }: { readonly reports: readonly Report[]; readonly limit: number; readonly ignored: readonly string[] }) {
  const names = [...new Set(reports.flatMap(({ columns }) => columns.map(({ column }) => column)))].filter((name) => !ignored.includes(name));
  const find = (report: Report, name: string): ColumnDrift | undefined => report.columns.find(({ column }) => column === name);
  const most = (name: string): number => Math.max(...reports.map((report) => psiOf(find(report, name)) ?? 0));
  const rows = names.sort((a, b) => most(b) - most(a));
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="PSI of every input by window">
      <table className="heat">
        <caption className="unseen">PSI of every input by window, the most moved first</caption>
        <thead>
          <tr>
            <th scope="col">Input</th>
            {reports.map(({ name, from }) => (
              <th key={name} scope="col" className="figures">
                {day(from)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">the score itself</th>
            {reports.map((report) => (
              <Cell key={report.name} psi={psiOf(report.score)} limit={limit} />
            ))}
          </tr>
          {rows.map((name) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {reports.map((report) => (
                <Cell key={report.name} psi={psiOf(find(report, name))} limit={limit} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ psi, limit }: { readonly psi: number | undefined; readonly limit: number }) {
  if (psi === undefined) return <td className="figures">–</td>;
  return (
    <td className="figures" data-shade={shadeOf(psi, limit)}>
      {psi > limit ? (
        <>
          <span aria-hidden="true">{SIGN.watch} </span>
          <span className="unseen">beyond its limit: </span>
        </>
      ) : undefined}
      {psi.toFixed(3)}
    </td>
  );
}
