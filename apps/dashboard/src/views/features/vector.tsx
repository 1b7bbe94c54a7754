import type { ExplainedFeature } from '@millrace/contracts/millrace/features/v1/explanation';
import { FeatureVector_Status, type GetOnlineFeaturesResponse } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import type { FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import type { Value } from '@millrace/contracts/millrace/type/v1/value';
import { type AskedKey, featureCalls } from '../../calls/features.js';
import { useAnswer } from '../../client/answers.js';
import { Failure, Shown, State } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { plainValue, sameValue, valueText } from '../../parts/value.js';
import { Link } from '../../router.js';
import { count, moment, plural, span } from '../../text.js';

/** One feature as the online store answers it, beside what history says. */
interface Answered {
  readonly feature: string;
  readonly value: Value | undefined;
  readonly status: FeatureVector_Status;
  readonly eventTime: Date | undefined;
  readonly explained: ExplainedFeature | undefined;
}

/** What a value is worth, and why there is none. */
export const WORTH: Readonly<Record<FeatureVector_Status, { readonly tone: 'good' | 'watch' | 'idle'; readonly word: string }>> = {
  [FeatureVector_Status.UNSPECIFIED]: { tone: 'idle', word: 'unknown' },
  [FeatureVector_Status.PRESENT]: { tone: 'good', word: 'present' },
  [FeatureVector_Status.NOT_FOUND]: { tone: 'idle', word: 'nothing is known' },
  [FeatureVector_Status.EXPIRED]: { tone: 'watch', word: 'too old' },
};

function answeredOf({ features, vectors: [vector] }: GetOnlineFeaturesResponse, explained: readonly ExplainedFeature[]): readonly Answered[] {
  return features.map((feature, i) => ({
    feature,
    value: vector?.values[i],
    status: vector?.statuses[i] ?? FeatureVector_Status.UNSPECIFIED,
    eventTime: vector?.eventTimes[(vector.eventTimePlaces[i] ?? 0) - 1],
    explained: explained.find((each) => each.feature === feature),
  }));
}

/** The vector of a key: each value with what it is worth and how old it is, and, as of a time that is given, what history says. */
export function Vector({ asked, views, place }: { readonly asked: AskedKey; readonly views: readonly FeatureView[]; readonly place: string }) {
  const online = useAnswer(featureCalls.vector(asked));
  const history = useAnswer(asked.time ? featureCalls.explanation(asked) : undefined);
  return (
    <Shown answer={online} what="the vector">
      {(answer) => {
        const rows = answeredOf(answer, history.value?.features ?? []);
        const present = rows.filter(({ status }) => status === FeatureVector_Status.PRESENT).length;
        const now = asked.time ?? new Date();
        const ttlOf = (view: string | undefined) => views.find(({ name }) => name === view)?.ttl;
        return (
          <>
            <p className="quiet">
              {count(present)} of {plural(rows.length, 'feature')} {present === 1 ? 'has' : 'have'} a value. {asked.time ? '' : 'Give a time, and history says beside it what each was made of.'}
            </p>
            {history.failure ? <Failure failure={history.failure} /> : undefined}
            <Table
              title="The vector"
              hidden
              rows={rows}
              keyOf={({ feature }) => feature}
              columns={[
                { head: 'Feature', cell: ({ feature }) => feature },
                { head: 'Value', figures: true, cell: ({ value }) => (value?.kind ? valueText(value) : '–'), plain: ({ value }) => plainValue(value) },
                { head: 'Is', cell: ({ status, explained }) => <State {...WORTH[status]} word={status === FeatureVector_Status.EXPIRED && ttlOf(explained?.featureView) ? `older than ${span(Number(ttlOf(explained?.featureView)?.seconds ?? 0))}` : WORTH[status].word} /> },
                { head: 'Newest event', cell: ({ eventTime }) => moment(eventTime) },
                { head: 'Age', figures: true, cell: ({ eventTime }) => (eventTime ? span(Math.max(0, (now.getTime() - eventTime.getTime()) / 1_000)) : '–') },
                ...(asked.time ? [{ head: 'History says', cell: ({ explained, value }: Answered) => (explained ? <AsHistory served={value} explained={explained} /> : '…') }, { head: 'Made of', figures: true, cell: ({ explained, feature }: Answered) => <MadeOf explained={explained} place={`${place}/${encodeURIComponent(feature)}`} /> }] : []),
              ]}
            />
          </>
        );
      }}
    </Shown>
  );
}

/** Whether a value that was served is what history gives. */
export function AsHistory({ served, explained: { value, incomplete } }: { readonly served: Value | undefined; readonly explained: ExplainedFeature }) {
  if (sameValue(served, value)) return <State tone="good" word="the same" />;
  if (incomplete) return <State tone="idle" word="rows of it are no longer kept" />;
  return <State tone="watch" word={valueText(value)} />;
}

/** How many rows a feature was made of, and the way to them. */
export function MadeOf({ explained, place }: { readonly explained: ExplainedFeature | undefined; readonly place: string }) {
  if (!explained) return '…';
  if (explained.datasetVersion === '') return <>a formula of {explained.reads.join(', ')}</>;
  return explained.rows === 0n ? 'no row' : <Link href={place}>{plural(explained.rows, 'row')}</Link>;
}
