import type { Endpoint } from '@millrace/contracts/millrace/inference/v1/endpoint';
import { type SyntheticEvent, useId, useState } from 'react';
import { endpointCalls, predictDeed } from '../../calls/endpoints.js';
import { modelCalls } from '../../calls/models.js';
import { useAct } from '../../client/act.js';
import { useAnswer } from '../../client/answers.js';
import { useLast } from '../../client/last.js';
import { Empty, Failure, Loading, Shown } from '../../parts/states.js';
import { numberOf } from '../../text.js';
import { flagsOf, type PredictionAnswer, answerOf } from './prediction-answer.js';
import { fieldsOf, type RowField, servedBy } from './row-fields.js';
import { fieldOfRefusal, rowOf, type RowTexts, textOf, timeOf } from './row-text.js';
import { TryAnswer } from './try-answer.js';
import { TryField } from './try-field.js';

/** A form made from the signature of the version that answers, to ask an endpoint about one row. */
export function TryPage({ endpoint }: { readonly endpoint: Endpoint }) {
  const { modelVersion, featureService } = endpoint;
  const version = useAnswer(modelVersion === '' ? undefined : modelCalls.version(modelVersion));
  const service = useAnswer(featureService === '' ? undefined : endpointCalls.featureService(featureService));
  const views = useAnswer(featureService === '' ? undefined : endpointCalls.featureViews());
  const entities = useAnswer(featureService === '' ? undefined : endpointCalls.entities());
  const online = featureService === '' ? { features: [], views: [], entities: [] } : service.value && views.value && entities.value ? { features: service.value.features, views: views.value.featureViews, entities: entities.value.entities } : undefined;
  // What somebody types stays when another version takes over: its signature is read meanwhile.
  const known = useLast(version.value && online ? { signature: version.value.signature, explained: version.value.reference !== undefined, online } : undefined, endpoint.name);
  if (modelVersion === '') return <Empty title="Nothing to try yet">The endpoint answers as soon as {`@${numberOf(endpoint.alias)}`} points at a version.</Empty>;
  return (
    <Shown answer={{ value: known, failure: version.failure ?? service.failure ?? views.failure ?? entities.failure }} what="the signature">
      {({ signature, explained, online: { features, ...known } }) => {
        const fields = signature ? fieldsOf(signature, servedBy(features, known)) : [];
        return fields.length === 0 ? <Empty title="No inputs are known">Version {numberOf(modelVersion)} was registered without a signature.</Empty> : <TryForm endpoint={endpoint.name} fields={fields} explained={explained} />;
      }}
    </Shown>
  );
}

function TryForm({ endpoint, fields, explained }: { readonly endpoint: string; readonly fields: readonly RowField[]; readonly explained: boolean }) {
  const [texts, type] = useState<RowTexts>({});
  const [happens, setHappens] = useState('');
  const [faults, tell] = useState<Readonly<Record<string, string>>>({});
  const [answer, take] = useState<PredictionAnswer>();
  const { busy, failure, run } = useAct();
  const time = useId();
  const newest = useAnswer(endpointCalls.predictions(endpoint)).value?.predictions[0];
  const ask = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (busy) return;
    const typed = rowOf(fields, texts);
    tell(typed.faults);
    take(undefined);
    if (Object.keys(typed.faults).length === 0) run(predictDeed(endpoint, typed.row, { eventTime: happens === '' ? undefined : timeOf(happens), why: explained }), (json) => take(answerOf(json)));
  };
  const asNewest = (): void => type(Object.fromEntries((newest?.inputs ?? []).flatMap((name, i) => (fields.some((field) => field.name === name && !field.online) ? [[name, textOf(newest?.record?.inputs[i] ?? { kind: undefined }) ?? '']] : []))));
  const refused = failure && fieldOfRefusal(failure.message, fields);
  const said = (name: string): readonly string[] => [...(faults[name] ? [faults[name]] : []), ...(refused === name && failure ? [failure.message] : []), ...(answer ? flagsOf(answer, name) : [])];
  const field = (each: RowField) => <TryField key={each.name} field={each} text={texts[each.name] ?? ''} change={(text) => type({ ...texts, [each.name]: text })} says={said(each.name)} wrong={faults[each.name] !== undefined || refused === each.name} />;
  const online = fields.filter((each) => each.online);
  return (
    <form className="try" onSubmit={ask} noValidate>
      <p className="lead">One row, as the model takes it. What is asked here is answered and logged like any other question. Training always had the fields with *; times are in UTC.</p>
      <div className="row-fields">
        {fields.filter((each) => !each.online).map(field)}
        {fields.some((each) => each.type === 'COLUMN_TYPE_TIMESTAMP') ? undefined : (
          <div className="field">
            <label htmlFor={time}>When it happens</label>
            <input id={time} type="datetime-local" step={1} value={happens} onChange={({ target }) => setHappens(target.value)} />
            <small>Features are read as of then; now when it is left out.</small>
          </div>
        )}
      </div>
      {online.length === 0 ? undefined : (
        <details>
          <summary>{online.length} inputs are read online by their keys; fill one in to ask with another value</summary>
          <div className="row-fields">{online.map(field)}</div>
        </details>
      )}
      {failure && refused === undefined ? <Failure failure={failure} did /> : undefined}
      <p className="answers">
        <button type="submit" className="main" aria-disabled={busy}>
          Predict
        </button>
        {newest ? (
          <button type="button" onClick={asNewest}>
            Fill in as in the newest prediction
          </button>
        ) : undefined}
      </p>
      <div aria-live="polite">{busy ? <Loading what="the answer" /> : undefined}{answer ? <TryAnswer endpoint={endpoint} answer={answer} /> : undefined}</div>
    </form>
  );
}
