import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import type { Evaluation } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import { type ReactNode, useId } from 'react';
import { modelCalls } from '../../calls/models.js';
import { registryCalls } from '../../calls/registry.js';
import { useAnswer } from '../../client/answers.js';
import { usePages } from '../../client/pages.js';
import { More } from '../../parts/more.js';
import { Empty, Shown, State } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { go, Resource } from '../../router.js';
import { age, count, fixed, METRICS, metricTitle, numberOf, percent, shortDigest } from '../../text.js';
import { Paired } from './paired.js';
import { inputChanges } from './signature-changes.js';

/** Two versions of a model side by side; the other one is chosen by its number, which is a part of the address. */
export function Compare({ version, other }: { readonly version: ModelVersion; readonly other: string | undefined }) {
  const model = version.name.split('/').slice(0, 2).join('/');
  const versions = usePages((token) => modelCalls.versions(model, token));
  const id = useId();
  const others = versions.pages.flatMap(({ modelVersions }) => modelVersions).filter(({ name }) => name !== version.name);
  const against = other ?? numberOf(others.find(({ aliases }) => aliases.length > 0)?.name ?? others[0]?.name ?? '');
  return (
    <Shown answer={versions.first} what="versions">
      {() =>
        others.length === 0 && other === undefined ? (
          <Empty title="Nothing to compare with">This is the only version of {numberOf(model)}.</Empty>
        ) : (
          <>
            <p className="field">
              <label htmlFor={id}>Compare with</label>
              <select id={id} value={against} onChange={({ target }) => go(`/${version.name}/compare/${target.value}`)}>
                {others.some(({ name }) => numberOf(name) === against) ? undefined : <option value={against}>version {against}</option>}
                {others.map(({ name, aliases }) => (
                  <option key={name} value={numberOf(name)}>
                    {[`version ${numberOf(name)}`, ...aliases.map((alias) => `@${alias}`)].join(' ')}
                  </option>
                ))}
              </select>
            </p>
            <More of={versions} shown={others.length} noun="versions" />
            <Beside version={version} other={`${model}/versions/${against}`} />
          </>
        )
      }
    </Shown>
  );
}

interface Row {
  readonly what: string;
  readonly cells: readonly [ReactNode, ReactNode];
  readonly says?: ReactNode;
}

function Beside({ version, other }: { readonly version: ModelVersion; readonly other: string }) {
  const found = useAnswer(modelCalls.version(other));
  const own = useEvaluation(version);
  const their = useEvaluation(found.value);
  return (
    <Shown answer={found} what="the other version">
      {(against) => {
        const differs = version.origin?.evaluation !== against.origin?.evaluation;
        return (
          <>
            <Paired challenger={version} champion={against} evaluation={own} />
            <Paired challenger={against} champion={version} evaluation={their} />
            <h3>Side by side</h3>
            {differs ? <p className="quiet">Each was judged when it was made, on rows of its own: figures of different rows are no contest.</p> : undefined}
            <Table
              title={`Versions ${numberOf(version.name)} and ${numberOf(against.name)}`}
              hidden
              rows={[...metricRows([version, against], differs), ...evaluationRows([own, their]), ...madeRows([version, against])]}
              keyOf={({ what }) => what}
              columns={[
                { head: 'What', cell: ({ what }) => what },
                ...([version, against] as const).map(({ name, aliases }, i) => ({ head: [`Version ${numberOf(name)}`, ...aliases.map((alias) => `@${alias}`)].join(' '), figures: true, cell: ({ cells }: Row) => cells[i] })),
                { head: 'Difference', cell: ({ says }) => says ?? '' },
              ]}
            />
            <Changes version={version} against={against} />
          </>
        );
      }}
    </Shown>
  );
}

const useEvaluation = (version: ModelVersion | undefined): Evaluation | undefined => useAnswer(version?.origin?.evaluation ? registryCalls.evaluation(version.origin.evaluation) : undefined).value;

const metricRows = ([a, b]: readonly [ModelVersion, ModelVersion], differs: boolean): readonly Row[] =>
  [...new Set([...Object.keys(a.metrics), ...Object.keys(b.metrics)])].sort().map((metric) => {
    const [left, right] = [a.metrics[metric], b.metrics[metric]];
    const ahead = differs || left === undefined || right === undefined || left === right ? undefined : left > right === (METRICS[metric]?.more ?? true) ? a : b;
    const gap = left === undefined || right === undefined ? '' : `${left >= right ? '+' : '−'}${fixed(Math.abs(left - right))}`;
    return { what: metricTitle(metric), cells: [fixed(left), fixed(right)], says: ahead ? `${gap}, version ${numberOf(ahead.name)} is ahead` : gap };
  });

const evaluationRows = (both: readonly [Evaluation | undefined, Evaluation | undefined]): readonly Row[] => [
  { what: 'Judged on rows', cells: cellsOf(both, ({ rows }) => count(rows)) },
  { what: 'Positive of them', cells: cellsOf(both, ({ positiveShare }) => percent(positiveShare)) },
  { what: 'Average precision', cells: cellsOf(both, ({ rungs }) => fixed(rungs.at(-1)?.averagePrecision)) },
];

const cellsOf = <T,>([a, b]: readonly [T | undefined, T | undefined], show: (value: T) => ReactNode): readonly [ReactNode, ReactNode] => [a === undefined ? '–' : show(a), b === undefined ? '–' : show(b)];

const same = (equal: boolean): ReactNode => <State tone={equal ? 'good' : 'idle'} word={equal ? 'the same' : 'different'} />;

const madeRows = (both: readonly [ModelVersion, ModelVersion]): readonly Row[] => [
  { what: 'Same bits served', cells: cellsOf(both, ({ certificate }) => (certificate ? `${count(certificate.equal)} of ${count(certificate.rows)}` : 'not certified')) },
  { what: 'Trained on', cells: cellsOf(both, ({ origin }) => (origin?.datasetVersion ? <Resource name={origin.datasetVersion} /> : '–')), says: same(both[0].origin?.datasetVersion === both[1].origin?.datasetVersion) },
  { what: 'Plan', cells: cellsOf(both, ({ planDigest }) => <code>{shortDigest(planDigest)}</code>), says: same(both[0].planDigest === both[1].planDigest) },
  { what: 'Model', cells: cellsOf(both, ({ modelDigest }) => <code>{shortDigest(modelDigest)}</code>), says: same(both[0].modelDigest === both[1].modelDigest) },
  { what: 'Made', cells: cellsOf(both, ({ createTime }) => age(createTime)) },
];

function Changes({ version, against }: { readonly version: ModelVersion; readonly against: ModelVersion }) {
  const changes = inputChanges(against.signature?.inputs ?? [], version.signature?.inputs ?? []);
  return (
    <section>
      <h3>Inputs, from version {numberOf(against.name)} to version {numberOf(version.name)}</h3>
      {changes.length === 0 ? <p className="quiet">The same inputs, and training saw the same of them.</p> : <ul className="checks">{changes.map((change) => <li key={change}>{change}</li>)}</ul>}
    </section>
  );
}
