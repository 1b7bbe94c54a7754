import { type ColumnProfile, ColumnProfile_DistinctKind as DistinctKind } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { Histogram, TopValues } from '../../charts/histogram.js';
import { bare } from '../../parts/meaning.js';
import { count, figure, shareOf } from '../../text.js';

/** A value of a column as a person reads it: times are microseconds in a profile. */
function shower(type: string): (value: number) => string {
  if (bare(type) !== 'TIMESTAMP') return (value) => figure(value, 3);
  return (value) => new Date(value / 1_000).toISOString().slice(0, 10);
}

/** How a number of distinct values is meant. */
const ABOUT: Readonly<Record<DistinctKind, string>> = { [DistinctKind.UNSPECIFIED]: '', [DistinctKind.EXACT]: '', [DistinctKind.ESTIMATED]: '≈ ', [DistinctKind.AT_LEAST]: '≥ ' };

/** What every column holds: a row of figures each, with a picture of its values beside them. */
export function Profile({ columns, rows }: { readonly columns: readonly ColumnProfile[]; readonly rows: bigint }) {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="Profile of every column">
      <table className="profile">
        <caption className="unseen">Profile of every column</caption>
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">Values</th>
            <th scope="col" className="figures">Missing</th>
            <th scope="col" className="figures">Distinct</th>
            <th scope="col" className="figures">Least</th>
            <th scope="col" className="figures">Median</th>
            <th scope="col" className="figures">Most</th>
          </tr>
        </thead>
        <tbody>
          {columns.map((column) => (
            <ColumnRow key={column.column} column={column} rows={rows} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ColumnRow({ column: { column, type, missing, distinct, distinctKind, min, max, quantiles, histogram, top }, rows }: { readonly column: ColumnProfile; readonly rows: bigint }) {
  const show = shower(type);
  const about = ABOUT[distinctKind];
  return (
    <tr>
      <th scope="row">
        {column}
        <small>{bare(type).toLowerCase()}</small>
      </th>
      <td className="values">{histogram && histogram.counts.length > 1 ? <Histogram histogram={histogram} show={show} says={`Values of ${column} from ${show(min ?? 0)} to ${show(max ?? 0)}`} /> : <TopValues top={top} rows={Number(rows)} />}</td>
      <td className="figures">{missing === 0n ? '0' : `${count(missing)} (${shareOf(missing, rows)})`}</td>
      <td className="figures">
        {about}
        {count(distinct)}
      </td>
      <td className="figures">{min === undefined ? '–' : show(min)}</td>
      <td className="figures">{quantiles[3] === undefined ? '–' : show(quantiles[3])}</td>
      <td className="figures">{max === undefined ? '–' : show(max)}</td>
    </tr>
  );
}
