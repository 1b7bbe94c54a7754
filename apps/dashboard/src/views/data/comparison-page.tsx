import { SchemaChange_Kind, type ColumnShift, type DatasetComparison, type SchemaChange } from '@millrace/contracts/millrace/ingestion/v1/dataset_comparison';
import { dataCalls } from '../../calls/data.js';
import { ShiftBars } from '../../charts/shift-bars.js';
import { useAnswer } from '../../client/answers.js';
import { usePages } from '../../client/pages.js';
import { Figure } from '../../parts/figure.js';
import { More } from '../../parts/more.js';
import { Empty, Shown, State } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { go } from '../../router.js';
import { count, day, fixed, numberOf, percent } from '../../text.js';
import { Boxes } from './boxes.js';
import { ABOUT, shower } from './shower.js';
import { nameOf, placeIn, VersionHead, type VersionPlace } from './version-head.js';

/** From where on a person should look, and from where on it is another distribution (Siddiqi 2006). */
const [NOTABLE, MOVED] = [0.1, 0.25];
const MEDIAN = 0.5;

/** What moved from one version of a dataset to another: rows, schema, and what each column holds. Without a base, from the version before. */
export function ComparisonPage({ base, ...place }: VersionPlace & { readonly base: string | undefined }) {
  const version = useAnswer(dataCalls.datasetVersion(nameOf(place)));
  return (
    <>
      <VersionHead place={place} part="compare" />
      <Shown answer={version} what="the version">
        {({ name, parent }) => {
          const from = base ?? (parent === '' ? undefined : numberOf(parent));
          return (
            <>
              <Bases place={{ ...place, version: numberOf(name) }} base={from} />
              {from === undefined ? (
                <Empty title="There is no version before" command={`npx millrace dataset ingest ${numberOf(place.dataset)} FILE`}>
                  Version {numberOf(name)} was added to nothing. Once there is another version, what moved is shown here.
                </Empty>
              ) : (
                <Comparison base={`${place.dataset}/versions/${from}`} other={name} />
              )}
            </>
          );
        }}
      </Shown>
    </>
  );
}

function Bases({ place, base = '' }: { readonly place: VersionPlace; readonly base: string | undefined }) {
  const versions = usePages(dataCalls.versionPages(place.dataset));
  const all = versions.pages.flatMap(({ datasetVersions }) => datasetVersions);
  const others = all.filter(({ name }) => numberOf(name) !== place.version);
  if (others.length === 0) return undefined;
  return (
    <>
      <p className="acts">
        <label>
          What moved from version{' '}
          <select value={base} onChange={({ target }) => go(placeIn(place, `compare/${target.value}`))}>
            {others.some(({ name }) => numberOf(name) === base) ? undefined : <option value={base}>{base || 'choose'}</option>}
            {others.map(({ name, eventTimeMax }) => (
              <option key={name} value={numberOf(name)}>
                {numberOf(name)}
                {eventTimeMax ? `, to ${day(eventTimeMax)}` : ''}
              </option>
            ))}
          </select>
        </label>
        <span>to version {place.version}</span>
      </p>
      <More of={versions} shown={all.length} noun="versions" />
    </>
  );
}

function Comparison({ base, other }: { readonly base: string; readonly other: string }) {
  const answer = useAnswer(dataCalls.comparison(base, other));
  return (
    <Shown answer={answer} what="what moved">
      {(comparison) => {
        const { sameContent, baseRows, otherRows, schemaChanges, columns } = comparison;
        const more = otherRows - baseRows;
        const moved = columns.filter(({ psi = 0 }) => psi >= MOVED).length;
        return (
          <>
            <p className="lead">
              {sameContent
                ? 'Both hold the same rows under the same schema.'
                : `${count(baseRows)} rows, then ${count(otherRows)}: ${more < 0n ? `${count(-more)} fewer` : `${count(more)} more`}. ${moved === 0 ? 'No column holds another distribution than before.' : `${count(moved)} of ${count(columns.length)} columns ${moved === 1 ? 'holds' : 'hold'} another distribution than before.`}`}
            </p>
            <h2>Schema</h2>
            <SchemaPart changes={schemaChanges} />
            <h2>Columns</h2>
            {columns.length === 0 ? <p className="quiet">The two have no column in common.</p> : <Shifts comparison={comparison} />}
            <Boxes columns={columns} />
          </>
        );
      }}
    </Shown>
  );
}

const KINDS: Readonly<Record<SchemaChange_Kind, string>> = {
  [SchemaChange_Kind.UNSPECIFIED]: '',
  [SchemaChange_Kind.ADDED]: 'added',
  [SchemaChange_Kind.REMOVED]: 'removed',
  [SchemaChange_Kind.TYPE_CHANGED]: 'another type',
  [SchemaChange_Kind.NULLABLE_CHANGED]: 'may be missing, or no longer',
};

function SchemaPart({ changes }: { readonly changes: readonly SchemaChange[] }) {
  if (changes.length === 0) return <p><State tone="good" word="the same columns, of the same types" /></p>;
  return <Table title="Changes of the schema" hidden rows={changes} keyOf={({ column }) => column} columns={[{ head: 'Column', cell: ({ column }) => column }, { head: 'Is', cell: ({ kind }) => <State tone="watch" word={KINDS[kind]} /> }, { head: 'Was', cell: ({ was }) => was || '–' }, { head: 'Is now', cell: ({ is }) => is || '–' }]} />;
}

/** Those that are the same are said once. */
const both = (was: string, is: string): string => (was === is ? was : `${was} → ${is}`);

const meaningOf = (psi: number) => (psi >= MOVED ? ({ tone: 'bad', word: 'another distribution' } as const) : psi >= NOTABLE ? ({ tone: 'watch', word: 'moved' } as const) : ({ tone: 'good', word: 'as before' } as const));

function medianOf({ type, quantiles }: ColumnShift): string {
  const show = shower(type);
  const median = quantiles.find(({ share }) => share === MEDIAN);
  return median ? both(show(median.was), show(median.is)) : '–';
}

function Shifts({ comparison: { columns } }: { readonly comparison: DatasetComparison }) {
  const told = columns.flatMap(({ column, psi }) => (psi === undefined ? [] : [{ name: column, value: psi, tone: meaningOf(psi).tone }]));
  return (
    <Figure
      wide
      title="How far each column moved"
      says={`Population stability index between the two profiles, missing cells a bar of their own: from ${NOTABLE} on a person should look, from ${MOVED} on it is another distribution.`}
      picture={<ShiftBars shifts={told} limits={[NOTABLE, MOVED]} show={(value) => fixed(value, 3)} />}
      table={{
        rows: columns,
        keyOf: ({ column }) => column,
        columns: [
          { head: 'Column', cell: ({ column }) => column },
          { head: 'Is', cell: ({ psi }) => (psi === undefined ? '–' : <State {...meaningOf(psi)} />), plain: ({ psi }) => (psi === undefined ? undefined : meaningOf(psi).word) },
          { head: 'PSI', figures: true, cell: ({ psi }) => fixed(psi, 3), plain: ({ psi }) => psi },
          { head: 'Jensen–Shannon', figures: true, cell: ({ js }) => fixed(js, 3), plain: ({ js }) => js },
          { head: 'Missing', figures: true, cell: ({ baseMissingShare, otherMissingShare }) => both(percent(baseMissingShare), percent(otherMissingShare)) },
          { head: 'Distinct', figures: true, cell: ({ baseDistinct, otherDistinct, baseDistinctKind, otherDistinctKind }) => both(`${ABOUT[baseDistinctKind]}${count(baseDistinct)}`, `${ABOUT[otherDistinctKind]}${count(otherDistinct)}`) },
          { head: 'Mean', figures: true, cell: ({ type, baseMean, otherMean }) => (baseMean === undefined || otherMean === undefined ? '–' : both(shower(type)(baseMean), shower(type)(otherMean))) },
          { head: 'Median', figures: true, cell: medianOf },
        ],
      }}
    />
  );
}
