import type { ColumnProfile } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { dataCalls } from '../../calls/data.js';
import { Histogram, TopValues } from '../../charts/histogram.js';
import { useAnswer } from '../../client/answers.js';
import { Figure } from '../../parts/figure.js';
import { bare } from '../../parts/meaning.js';
import { Empty, Shown } from '../../parts/states.js';
import { Facts, Table } from '../../parts/table.js';
import { Link } from '../../router.js';
import { count, figure, numberOf, percent, shareOf, toldText } from '../../text.js';
import { ABOUT, plainOf, SHARES, shower } from './shower.js';
import { nameOf, placeIn, type VersionPlace } from './version-head.js';

/** All that the profile of a version says of one column. */
export function ColumnPage({ column, ...place }: VersionPlace & { readonly column: string }) {
  const version = useAnswer(dataCalls.datasetVersion(nameOf(place)));
  return (
    <>
      <p className="crumbs">
        <Link href="/data">Data</Link> / <Link href={placeIn(place)}>{numberOf(place.dataset)} {place.version}</Link>
      </p>
      <h1>{column}</h1>
      <Shown answer={version} what="the column">
        {({ profile, rows, schema, correlations }) => {
          const found = profile.find((each) => each.column === column);
          if (!found) return <Empty title="There is no such column">The version has those that its page lists.</Empty>;
          const related = correlations.filter(({ left, right }) => left === column || right === column).sort((a, b) => Math.abs(b.r) - Math.abs(a.r));
          return (
            <>
              <ColumnFacts profile={found} rows={rows} nullable={schema?.columns.find(({ name }) => name === column)?.nullable ?? true} />
              <Values profile={found} rows={rows} />
              {found.quantiles.length > 0 ? <Quantiles profile={found} /> : undefined}
              {related.length > 0 ? (
                <>
                  <h2>What it goes with</h2>
                  <Table
                    title="Correlations"
                    hidden
                    rows={related.map(({ left, right, r, rows: of }) => ({ other: left === column ? right : left, r, of }))}
                    keyOf={({ other }) => other}
                    columns={[
                      { head: 'Column', cell: ({ other }) => <Link href={placeIn(place, `columns/${encodeURIComponent(other)}`)}>{other}</Link> },
                      { head: 'Correlation (Pearson)', figures: true, cell: ({ r }) => r.toFixed(3) },
                      { head: 'Rows that have both', figures: true, cell: ({ of }) => count(of) },
                    ]}
                  />
                </>
              ) : undefined}
            </>
          );
        }}
      </Shown>
    </>
  );
}

function ColumnFacts({ profile: { type, missing, distinct, distinctKind, mean, stddev }, rows, nullable }: { readonly profile: ColumnProfile; readonly rows: bigint; readonly nullable: boolean }) {
  const show = shower(type);
  const isTime = bare(type) === 'TIMESTAMP';
  return (
    <Facts
      facts={[
        ['Type', `${bare(type).toLowerCase()}, ${nullable ? 'may be missing' : 'never missing'}`],
        ['Missing', `${count(missing)} of ${count(rows)} (${shareOf(missing, rows)})`],
        ['Distinct', `${ABOUT[distinctKind]}${count(distinct)}`],
        ...(mean === undefined ? [] : [['Mean', show(mean)] as const]),
        ...(stddev === undefined || isTime ? [] : [['Standard deviation', figure(stddev)] as const]),
      ]}
    />
  );
}

function Values({ profile: { column, type, histogram, top, topComplete }, rows }: { readonly profile: ColumnProfile; readonly rows: bigint }) {
  const show = shower(type);
  const bars = histogram?.counts.map((rowCount, i) => ({ from: (Number(histogram.first) + i) * histogram.width, to: (Number(histogram.first) + i + 1) * histogram.width, rowCount })) ?? [];
  return (
    <>
      <h2>Its values</h2>
      {histogram && bars.length > 1 ? (
        <Figure
          wide
          title={`How often values of ${column} lie where`}
          says={`${count(bars.length)} bars of equal width.`}
          picture={<Histogram histogram={histogram} show={show} says={bars.map(({ from, rowCount }) => `from ${show(from)}: ${count(rowCount)}`).join(', ')} tall />}
          table={{
            rows: bars,
            keyOf: ({ from }) => String(from),
            columns: [
              { head: 'From', cell: ({ from }) => show(from), plain: ({ from }) => plainOf(type, from) },
              { head: 'To before', figures: true, cell: ({ to }) => show(to), plain: ({ to }) => plainOf(type, to) },
              { head: 'Rows', figures: true, cell: ({ rowCount }) => count(rowCount), plain: ({ rowCount }) => rowCount },
              { head: 'Share', figures: true, cell: ({ rowCount }) => shareOf(rowCount, rows), plain: ({ rowCount }) => Number(rowCount) / Math.max(Number(rows), 1) },
            ],
          }}
        />
      ) : undefined}
      {top.length > 0 ? (
        <Figure
          title={`Most frequent values of ${column}`}
          says={topComplete ? 'These are all that there are.' : 'There are others. Where versions were merged, counts are lower bounds.'}
          picture={<TopValues top={top} rows={Number(rows)} shown={top.length} />}
          table={{
            rows: top,
            keyOf: ({ value }) => value,
            columns: [
              { head: 'Value', cell: ({ value }) => toldText(value), plain: ({ value }) => value },
              { head: 'Rows', figures: true, cell: (each) => count(each.count), plain: (each) => each.count },
              { head: 'Share', figures: true, cell: (each) => shareOf(each.count, rows), plain: (each) => Number(each.count) / Math.max(Number(rows), 1) },
            ],
          }}
        />
      ) : undefined}
    </>
  );
}

function Quantiles({ profile: { type, quantiles, quantilesExact } }: { readonly profile: ColumnProfile }) {
  const show = shower(type);
  return (
    <>
      <h2>Quantiles</h2>
      <Table
        title="Quantiles"
        hidden
        rows={SHARES.flatMap((share, i) => (quantiles[i] === undefined ? [] : [{ share, value: quantiles[i] }]))}
        keyOf={({ share }) => String(share)}
        columns={[
          { head: 'Share of the values below', cell: ({ share }) => percent(share) },
          { head: 'Value', figures: true, cell: ({ value }) => show(value) },
        ]}
      />
      <p className="quiet">{quantilesExact ? 'They are values that are there.' : 'They are read from a sample of a million rows, or from the bars of merged profiles: within one bar.'}</p>
    </>
  );
}
