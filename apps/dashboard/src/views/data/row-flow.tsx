import type { DatasetVersion, RowCounts } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { Flow, type FlowPart } from '../../charts/flow.js';
import { Figure } from '../../parts/figure.js';
import { Link } from '../../router.js';
import { count, numberOf, plural, shareOf } from '../../text.js';
import { placeIn } from './version-head.js';

interface Way extends FlowPart {
  readonly key: string;
  /** Where the rows of this part are shown. */
  readonly rows?: string;
}

/** The ways that rows of a run went; together they are all that was read. */
const waysOf = ({ kept, duplicates, quarantined }: RowCounts): readonly Way[] => [
  { key: 'kept', word: 'kept', tone: 'good', rowCount: kept },
  { key: 'duplicates', word: 'dropped as duplicates', tone: 'idle', rowCount: duplicates, rows: 'rows/duplicates' },
  { key: 'quarantined', word: 'quarantined', tone: 'watch', rowCount: quarantined, rows: 'rows' },
];

/** Where every row went that was read for a version: the parts make the whole. */
export function RowFlow({ version: { name, counts, parent, rows } }: { readonly version: DatasetVersion }) {
  if (!counts) return undefined;
  const ways = waysOf(counts);
  const sum = ways.reduce((total, { rowCount }) => total + rowCount, 0n);
  const place = { dataset: name.slice(0, name.indexOf('/versions/')), version: numberOf(name) };
  return (
    <section>
      <h2>The ledger</h2>
      <Figure
        title="Where every row went"
        says={`${plural(counts.read, 'row')} ${counts.read === 1n ? 'was' : 'were'} read for this version${parent === '' ? '' : `; with those of version ${numberOf(parent)} it holds ${count(rows)}`}.`}
        picture={<Flow whole={counts.read} wholeWord="read" parts={ways} />}
        table={{
          rows: [{ key: 'read', word: 'read', rowCount: counts.read } as Way, ...ways],
          keyOf: ({ key }) => key,
          columns: [
            { head: 'Rows', cell: ({ word, rows: way, rowCount }) => (way === undefined || rowCount === 0n ? word : <Link href={placeIn(place, way)}>{word}</Link>), plain: ({ word }) => word },
            { head: 'Count', figures: true, cell: ({ rowCount }) => count(rowCount), plain: ({ rowCount }) => rowCount },
            { head: 'Share', figures: true, cell: ({ rowCount }) => shareOf(rowCount, counts.read), plain: ({ rowCount }) => (counts.read === 0n ? 0 : Number(rowCount) / Number(counts.read)) },
          ],
        }}
      />
      <p className="quiet">
        {sum === counts.read ? 'Every row is accounted for.' : `${plural(counts.read - sum, 'row')} of them cannot be told.`}{' '}
        {counts.repaired === 0n ? 'No cell was changed on the way.' : <>On the way {plural(counts.cellsRepaired, 'cell')} in {plural(counts.repaired, 'row')} {counts.cellsRepaired === 1n ? 'was' : 'were'} <Link href={placeIn(place, 'rows/cells')}>mended or emptied</Link>.</>}
      </p>
    </section>
  );
}
