import type { Alias, ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { Why } from '../../parts/why.js';
import { Resource } from '../../router.js';
import { age, numberOf, plural } from '../../text.js';
import { MoveAlias, NewAlias, RollBackAlias } from './alias-acts.js';

/** What the aliases of a model point at, what can be done to them, and how they moved. */
export function Aliases({ model, aliases, versions }: { readonly model: string; readonly aliases: readonly Alias[]; readonly versions: readonly ModelVersion[] }) {
  return (
    <section aria-labelledby="aliases">
      <h2 id="aliases">Aliases</h2>
      {aliases.length === 0 ? <p className="quiet">None yet. An endpoint follows an alias; whoever moves it changes what answers.</p> : undefined}
      <ul className="aliases">
        {aliases.map((alias) => (
          <li key={alias.name}>
            <p>
              <span className="alias">@{numberOf(alias.name)}</span> points at <Resource name={alias.modelVersion} as={`version ${numberOf(alias.modelVersion)}`} /> <time dateTime={alias.updateTime?.toISOString()}>since {age(alias.updateTime)}</time>
            </p>
            <div className="acts">
              <RollBackAlias alias={alias} />
              <MoveAlias alias={alias} versions={versions} />
            </div>
            <History alias={alias} />
          </li>
        ))}
      </ul>
      <div className="acts">
        <NewAlias model={model} taken={aliases.map(({ name }) => numberOf(name))} versions={versions} />
      </div>
    </section>
  );
}

function History({ alias: { name, history } }: { readonly alias: Alias }) {
  if (history.length === 0) return undefined;
  return (
    <details>
      <summary>
        How @{numberOf(name)} moved: {plural(history.length, 'move')}
      </summary>
      <ol className="moves">
        {history.map(({ from, to, reason, time }, i) => (
          <li key={history.length - i}>
            <time dateTime={time?.toISOString()}>{age(time)}</time>
            <div>
              <p>
                {from === '' ? 'began at' : <>went from <Resource name={from} as={`version ${numberOf(from)}`} /> to</>} <Resource name={to} as={`version ${numberOf(to)}`} />
              </p>
              <Why text={reason} />
            </div>
          </li>
        ))}
      </ol>
    </details>
  );
}
