import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import type { ReactNode } from 'react';
import { modelCalls } from '../../calls/models.js';
import { useAnswer } from '../../client/answers.js';
import { Shown } from '../../parts/states.js';
import { Link } from '../../router.js';
import { age, numberOf } from '../../text.js';
import { Nowhere } from '../nowhere.js';
import { Card } from './card-part.js';
import { Compare } from './compare.js';
import { Curves } from './curves.js';
import { Decisions } from './decisions.js';
import { Evaluated } from './evaluated.js';
import { Inputs } from './inputs.js';
import { Judgement } from './judgement.js';
import { Provenance } from './provenance.js';
import { Slices } from './slices.js';

interface Part {
  readonly title: string;
  readonly show: (version: ModelVersion, other: string | undefined) => ReactNode;
}

/** What is told of a version, by the part of its address. */
const PARTS: Readonly<Record<string, Part>> = {
  '': {
    title: 'How good it is',
    show: (version) => (
      <>
        <Evaluated version={version}>{(evaluation, chosen) => <><Judgement evaluation={evaluation} /><Curves evaluation={evaluation} chosen={chosen} version={version} /></>}</Evaluated>
        <Provenance version={version} />
      </>
    ),
  },
  decisions: { title: 'Decisions', show: (version) => <Evaluated version={version}>{(_, chosen) => <Decisions chosen={chosen} version={version} />}</Evaluated> },
  slices: { title: 'Slices', show: (version) => <Evaluated version={version}>{(evaluation, chosen) => <Slices evaluation={evaluation} chosen={chosen} version={version} />}</Evaluated> },
  inputs: { title: 'Inputs and proof', show: (version) => <Inputs version={version} /> },
  card: { title: 'Model card', show: (version) => <Card version={version} /> },
  compare: { title: 'Compare', show: (version, other) => <Compare version={version} other={other} /> },
};

/** One version, a part at a time; each part has its address. */
export function VersionPage({ name, part, other }: { readonly name: string; readonly part: string; readonly other: string | undefined }) {
  const version = useAnswer(modelCalls.version(name));
  const [, model = ''] = name.split('/');
  const shown = PARTS[part];
  if (!shown) return <Nowhere />;
  return (
    <>
      <p className="crumbs">
        <Link href="/models">Models</Link> / <Link href={`/models/${model}`}>{model}</Link>
      </p>
      <h1>
        {model} {numberOf(name)}
      </h1>
      <Shown answer={version} what="the version">
        {(found) => (
          <>
            <p className="lead">
              {found.aliases.map((alias) => <span key={alias} className="alias">@{alias} </span>)}
              {found.aliases.length === 0 ? 'No alias points at it; made' : 'made'} {age(found.createTime)}.
            </p>
            <nav className="parts" aria-label={`Parts of version ${numberOf(name)}`}>
              {Object.entries(PARTS).map(([key, { title }]) => (
                <Link key={key} href={`/${name}${key === '' ? '' : `/${key}`}`} aria-current={key === part ? 'page' : undefined}>
                  {title}
                </Link>
              ))}
            </nav>
            <h2 className="unseen">{shown.title}</h2>
            {shown.show(found, other)}
          </>
        )}
      </Shown>
    </>
  );
}
