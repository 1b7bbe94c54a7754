import type { Endpoint } from '@millrace/contracts/millrace/inference/v1/endpoint';
import type { ReactNode } from 'react';
import { deleteEndpoint, endpointCalls } from '../../calls/endpoints.js';
import { useAnswer } from '../../client/answers.js';
import { ActButton } from '../../parts/act-button.js';
import { Shown } from '../../parts/states.js';
import { Facts } from '../../parts/table.js';
import { go, Link } from '../../router.js';
import { numberOf } from '../../text.js';
import { Nowhere } from '../nowhere.js';
import { Answering } from './answering.js';
import { Predictions } from './predictions.js';
import { Traffic } from './traffic-part.js';
import { TryPage } from './try-page.js';

/** What is told of an endpoint, by the part of its address. */
const PARTS: Readonly<Record<string, { readonly title: string; readonly show: (endpoint: Endpoint) => ReactNode }>> = {
  '': { title: 'What it answers', show: (endpoint) => <><Traffic endpoint={endpoint.name} /><Predictions name={endpoint.name} /><Ending endpoint={endpoint} /></> },
  try: { title: 'Try it', show: (endpoint) => <TryPage endpoint={endpoint} /> },
};

/** What happens to an input that training did not see. */
const GUARDS: Readonly<Record<string, string>> = { ACTION_UNSPECIFIED: 'told beside the answer', ACTION_FLAG: 'told beside the answer', ACTION_REJECT: 'refused', ACTION_IGNORE: 'not looked at' };

/** One endpoint: what answers there and how inputs are guarded, and a part at a time of what it does; each part has its address. */
export function EndpointPage({ name, part }: { readonly name: string; readonly part: string }) {
  const endpoint = useAnswer(endpointCalls.endpoint(name));
  const shown = PARTS[part === 'predictions' ? '' : part];
  if (!shown) return <Nowhere />;
  return (
    <>
      <p className="crumbs">
        <Link href="/endpoints">Endpoints</Link>
      </p>
      <h1>{numberOf(name)}</h1>
      <Shown answer={endpoint} what="the endpoint">
        {(found) => (
          <>
            <EndpointFacts endpoint={found} />
            <nav className="parts" aria-label={`Parts of ${numberOf(name)}`}>
              {Object.entries(PARTS).map(([key, { title, show }]) => (
                <Link key={key} href={`/${name}${key === '' ? '' : `/${key}`}`} aria-current={show === shown.show ? 'page' : undefined}>
                  {title}
                </Link>
              ))}
            </nav>
            <h2 className="unseen">{shown.title}</h2>
            {shown.show(found)}
          </>
        )}
      </Shown>
    </>
  );
}

const EndpointFacts = ({ endpoint }: { readonly endpoint: Endpoint }) => (
  <Facts
    facts={[
      ['Answers with', <Answering key="version" {...endpoint} />],
      ['Follows', <Link key="alias" href={`/${endpoint.alias.split('/').slice(0, 2).join('/')}`}>@{numberOf(endpoint.alias)}</Link>],
      ['Features', endpoint.featureService === '' ? 'as the request has them' : `read online: ${numberOf(endpoint.featureService)}`],
      ['Numbers out of range', GUARDS[endpoint.guard?.outOfRange ?? 'ACTION_FLAG']],
      ['Unseen texts', GUARDS[endpoint.guard?.unseenCategory ?? 'ACTION_FLAG']],
      ['Missing inputs', GUARDS[endpoint.guard?.missing ?? 'ACTION_FLAG']],
    ]}
  />
);

const Ending = ({ endpoint }: { readonly endpoint: Endpoint }) => (
  <div className="acts ending">
    <ActButton
      label="Delete this endpoint"
      ask={{ title: `Delete ${numberOf(endpoint.name)}?`, says: 'It answers no more, and whoever asks it is refused. What it predicted stays, and still takes labels; a run of its pipeline brings it back.' }}
      deed={() => deleteEndpoint(endpoint)}
      then={() => go('/endpoints')}
    />
  </div>
);
