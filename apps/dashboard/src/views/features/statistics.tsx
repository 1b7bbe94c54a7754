import type { FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import type { FeatureProfile, Materialization } from '@millrace/contracts/millrace/features/v1/materialization';
import { useState } from 'react';
import { featureCalls } from '../../calls/features.js';
import { Series } from '../../charts/series.js';
import { useAnswer } from '../../client/answers.js';
import { Choice } from '../../parts/choice.js';
import { Figure } from '../../parts/figure.js';
import { Empty, Shown, State } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Resource } from '../../router.js';
import { age, count, day, figure, numberOf, percent } from '../../text.js';

const MEASURES = { mean: 'Mean', missing: 'Missing', distinct: 'Distinct' } as const;
type Measure = keyof typeof MEASURES;

/** One filling with what it held of one feature. */
interface Held {
  readonly job: Materialization;
  readonly profile: FeatureProfile;
}

const shareMissing = ({ present, missing }: FeatureProfile): number => Number(missing) / Math.max(Number(present + missing), 1);
const measured = (measure: Measure, profile: FeatureProfile): number | undefined => (measure === 'missing' ? shareMissing(profile) : measure === 'distinct' ? Number(profile.distinct) : profile.mean);
const shown = (measure: Measure, value: number): string => (measure === 'missing' ? percent(value) : figure(value));

/** What a feature held over all entities, filling by filling. */
export function Statistics({ view }: { readonly view: FeatureView }) {
  const jobs = useAnswer(featureCalls.materializations(view.name));
  return (
    <>
      <h2>What it held</h2>
      <Shown answer={jobs} what="fillings">
        {({ materializations }) =>
          materializations.length === 0 ? (
            <Empty title="Not filled yet" command={`npx millrace materialize ${numberOf(view.name)}`}>
              Every filling keeps what each feature held then, over all entities: how many have no value, how many values differ, and their mean.
            </Empty>
          ) : (
            <>
              <OverTime view={view} jobs={materializations} />
              <section>
                <h3>Fillings</h3>
                <Fillings jobs={materializations} />
              </section>
            </>
          )
        }
      </Shown>
    </>
  );
}

function OverTime({ view, jobs }: { readonly view: FeatureView; readonly jobs: readonly Materialization[] }) {
  const [feature, choose] = useState(view.features[0]?.name ?? '');
  const [measure, take] = useState<Measure>('mean');
  const held = jobs
    .flatMap((job): Held[] => job.profile.filter((profile) => profile.feature === feature).map((profile) => ({ job, profile })))
    .sort((a, b) => (a.job.standsBefore?.getTime() ?? 0) - (b.job.standsBefore?.getTime() ?? 0) || (a.job.createTime?.getTime() ?? 0) - (b.job.createTime?.getTime() ?? 0));
  const points = held.flatMap(({ job, profile }) => {
    const value = measured(measure, profile);
    return value === undefined ? [] : [{ label: `${day(job.standsBefore)} (${numberOf(job.datasetVersion)})`, value, beyond: false }];
  });
  return (
    <>
      <p className="acts">
        <label>
          Feature{' '}
          <select value={feature} onChange={({ target }) => choose(target.value)}>
            {view.features.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </p>
      <Choice legend="Figure" of={MEASURES} chosen={measure} choose={take} />
      {held.length === 0 ? (
        <Empty title="No filling tells of it" command={`npx millrace materialize ${numberOf(view.name)}`}>
          Fillings keep profiles since this version of Millrace; the next one begins the line.
        </Empty>
      ) : (
        <Figure
          wide={held.length > 6}
          title={`${MEASURES[measure]} of ${feature}, by filling`}
          says="Over all entities, as of the time that a filling stands for; in brackets the version of the dataset."
          picture={points.length === 0 ? <p className="quiet">No filling holds a number of it.</p> : <Series points={points} limit={undefined} says={points.map(({ label, value }) => `${label}: ${shown(measure, value)}`).join(', ')} />}
          table={{
            rows: held.toReversed(),
            keyOf: ({ job }) => job.name,
            columns: [
              { head: 'As of', cell: ({ job }) => day(job.standsBefore), plain: ({ job }) => job.standsBefore },
              { head: 'Entities', figures: true, cell: ({ profile }) => count(profile.present + profile.missing), plain: ({ profile }) => profile.present + profile.missing },
              { head: 'Missing', figures: true, cell: ({ profile }) => percent(shareMissing(profile)), plain: ({ profile }) => profile.missing },
              { head: 'Distinct', figures: true, cell: ({ profile }) => count(profile.distinct), plain: ({ profile }) => profile.distinct },
              { head: 'Mean', figures: true, cell: ({ profile }) => figure(profile.mean), plain: ({ profile }) => profile.mean },
              { head: 'Least', figures: true, cell: ({ profile }) => figure(profile.min), plain: ({ profile }) => profile.min },
              { head: 'Most', figures: true, cell: ({ profile }) => figure(profile.max), plain: ({ profile }) => profile.max },
            ],
          }}
        />
      )}
    </>
  );
}

function Fillings({ jobs }: { readonly jobs: readonly Materialization[] }) {
  return (
    <Table
      title="Fillings, newest first"
      hidden
      rows={jobs}
      keyOf={({ name }) => name}
      columns={[
        { head: 'Filled', cell: ({ createTime }) => <time>{age(createTime)}</time> },
        { head: 'Came out', cell: ({ status }) => <State of={status?.state ?? ''} /> },
        { head: 'From', cell: ({ datasetVersion }) => <Resource name={datasetVersion} /> },
        { head: 'Stands for what was known before', cell: ({ standsBefore }) => standsBefore?.toISOString().slice(0, 16).replace('T', ' ') ?? '–' },
        { head: 'Rows', figures: true, cell: ({ rows }) => count(rows) },
        { head: 'Entities', figures: true, cell: ({ entities }) => count(entities) },
        { head: 'Profile', cell: ({ profile, status }) => (profile.length > 0 ? 'kept' : (status?.error?.message ?? 'none was kept')) },
      ]}
    />
  );
}
