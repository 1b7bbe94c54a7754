import type { ExplainedFeature } from '@millrace/contracts/millrace/features/v1/explanation';
import type { ExplainFeaturesResponse } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import type { GetPredictionResponse } from '@millrace/contracts/millrace/inference/v1/inference_service';
import type { Value } from '@millrace/contracts/millrace/type/v1/value';
import type { Answer } from '../../client/answers.js';
import { Failure, State } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { plainValue, sameValue, valueText } from '../../parts/value.js';
import { Resource } from '../../router.js';
import { count, plural } from '../../text.js';
import { AsHistory, MadeOf } from '../features/vector.js';

interface Parts {
  readonly name: string;
  readonly prediction: GetPredictionResponse;
  readonly service: string | undefined;
  readonly history: Answer<ExplainFeaturesResponse>;
}

interface Input {
  readonly input: string;
  readonly value: Value | undefined;
  readonly explained: ExplainedFeature | undefined;
}

/** Every input as the model saw it, with where it is from: the request, or rows that history still has. */
export function Inputs({ name, prediction: { record, inputs }, service, history }: Parts) {
  const features = history.value?.features ?? [];
  const rows = inputs.map((input, i): Input => ({ input, value: record?.inputs[i], explained: features.find(({ feature }) => feature === input) }));
  const read = rows.filter(({ explained }) => explained);
  const same = read.filter(({ value, explained }) => sameValue(value, explained?.value)).length;
  return (
    <>
      {read.length > 0 ? (
        <p className="quiet">
          {same === read.length ? <State tone="good" word="as history says" /> : <State tone="watch" word={`${plural(read.length - same, 'feature')} not as history says`} />} {count(same)} of {plural(read.length, 'feature')} of <Resource name={service ?? ''} /> {read.length === 1 ? 'is' : 'are'} to the bit what its source rows give for that time.
        </p>
      ) : undefined}
      {service === '' ? <p className="quiet">The endpoint reads no feature service: all inputs came with the request, and there are no source rows.</p> : undefined}
      {history.failure ? <Failure failure={history.failure} /> : undefined}
      <Table
        title="Inputs"
        hidden
        rows={rows}
        keyOf={({ input }) => input}
        columns={[
          { head: 'Input', cell: ({ input }) => input },
          { head: 'Value', cell: ({ value }) => valueText(value), plain: ({ value }) => plainValue(value) },
          { head: 'From', cell: ({ explained }) => (explained ? <Resource name={explained.featureView} /> : service === '' || history.value ? 'the request' : history.failure ? '–' : '…') },
          { head: 'History says', cell: ({ value, explained }) => (explained ? <AsHistory served={value} explained={explained} /> : '') },
          { head: 'Made of', figures: true, cell: ({ input, explained }) => (explained ? <MadeOf explained={explained} place={`/${name}/inputs/${encodeURIComponent(input)}`} /> : '') },
        ]}
      />
    </>
  );
}
