import type { ColumnProfile, DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { Histogram, TopValues } from '../../charts/histogram.js';
import { bare } from '../../parts/meaning.js';
import { Link } from '../../router.js';
import { count, numberOf, shareOf } from '../../text.js';
import { ABOUT, shower } from './shower.js';
import { placeIn, type VersionPlace } from './version-head.js';

/** What every column holds: a row of figures each, with a picture of its values beside them. A column has a page of its own with all of its figures. */
export function Profile({ version: { name, profile, rows } }: { readonly version: DatasetVersion }) {
  const place = { dataset: name.slice(0, name.indexOf('/versions/')), version: numberOf(name) };
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
          {profile.map((column) => (
            <ColumnRow key={column.column} column={column} rows={rows} place={place} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ColumnRow({ column: { column, type, missing, distinct, distinctKind, min, max, quantiles, histogram, top }, rows, place }: { readonly column: ColumnProfile; readonly rows: bigint; readonly place: VersionPlace }) {
  const show = shower(type);
  return (
    <tr>
      <th scope="row">
        <Link href={placeIn(place, `columns/${encodeURIComponent(column)}`)}>{column}</Link>
        <small>{bare(type).toLowerCase()}</small>
      </th>
      <td className="values">{histogram && histogram.counts.length > 1 ? <Histogram histogram={histogram} show={show} says={`Values of ${column} from ${show(min ?? 0)} to ${show(max ?? 0)}`} /> : <TopValues top={top} rows={Number(rows)} />}</td>
      <td className="figures">{missing === 0n ? '0' : `${count(missing)} (${shareOf(missing, rows)})`}</td>
      <td className="figures">
        {ABOUT[distinctKind]}
        {count(distinct)}
      </td>
      <td className="figures">{min === undefined ? '–' : show(min)}</td>
      <td className="figures">{quantiles[3] === undefined ? '–' : show(quantiles[3])}</td>
      <td className="figures">{max === undefined ? '–' : show(max)}</td>
    </tr>
  );
}
