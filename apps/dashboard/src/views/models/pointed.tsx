import type { Alias } from '@millrace/contracts/millrace/registry/v1/model';
import type { ListModelVersionsResponse } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { modelCalls } from '../../calls/models.js';
import { registryCalls } from '../../calls/registry.js';
import { type Answer, useAnswer } from '../../client/answers.js';
import { State } from '../../parts/states.js';
import { Resource } from '../../router.js';
import { fixed, mainMetricOf, metricTitle, numberOf } from '../../text.js';

/** What the aliases of a model point at, the champion first, and the main figure of each of these versions. */
export function Pointed({ model }: { readonly model: string }) {
  const { value, failure } = useAnswer(registryCalls.aliases(model));
  const newest = useAnswer(modelCalls.figures(model));
  if (!value) return <Unread what="aliases" failed={failure !== undefined} />;
  if (value.aliases.length === 0) return <>no alias yet</>;
  return (
    <ul>
      {[...value.aliases].sort((a, b) => Number(isChampion(b)) - Number(isChampion(a))).map((alias) => (
        <li key={alias.name} className="whole-line">
          <span className="alias">@{numberOf(alias.name)}</span> <Resource name={alias.modelVersion} as={`version ${numberOf(alias.modelVersion)}`} /><MainFigure version={alias.modelVersion} newest={newest} />
        </li>
      ))}
    </ul>
  );
}

const isChampion = ({ name }: Alias): boolean => name.endsWith('/champion');

/** A version that is none of the newest is asked for alone. */
function MainFigure({ version, newest }: { readonly version: string; readonly newest: Answer<ListModelVersionsResponse> }) {
  const among = newest.value?.modelVersions.find(({ name }) => name === version);
  const alone = useAnswer(newest.value && !among ? modelCalls.version(version) : undefined);
  const value = among ?? alone.value;
  if (!value) return <> <Unread what="figures" failed={(newest.failure ?? alone.failure) !== undefined} /></>;
  const metric = mainMetricOf(value.metrics);
  if (metric === undefined) return ', without figures';
  return (
    <>
      , {metricTitle(metric)} <b>{fixed(value.metrics[metric])}</b>
    </>
  );
}

/** Stands where an answer of a line will be; why there is none is said above all. */
const Unread = ({ what, failed }: { readonly what: string; readonly failed: boolean }) => (failed ? <State tone="bad" word={`${what} could not be read`} /> : '…');
