import type { Trigger } from '@millrace/contracts/millrace/pipelines/v1/trigger';
import { useState } from 'react';
import { pipelineCalls } from '../../calls/pipelines.js';
import { useAnswer } from '../../client/answers.js';
import { usePages } from '../../client/pages.js';
import { Choice } from '../../parts/choice.js';
import { bare, causeOf } from '../../parts/meaning.js';
import { More } from '../../parts/more.js';
import { Shown, State } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Sentence } from '../../parts/why.js';
import { Resource } from '../../router.js';
import { age, count, moment, span } from '../../text.js';

const DECISIONS = { '': 'all', STARTED: 'started a run', HELD: 'held back', DROPPED: 'dropped' } as const;

/** What starts a pipeline, what holds it back, and every time that it fired with what the guards said. */
export function Triggers({ pipeline }: { readonly pipeline: string }) {
  const triggers = useAnswer(pipelineCalls.triggers(pipeline));
  return (
    <>
      <h2>What starts it</h2>
      <Shown answer={triggers} what="triggers">
        {({ triggers: all }) =>
          all.length === 0 ? (
            <p className="quiet">Only somebody by hand: the file names no trigger. A line such as `on: drift` below `triggers` adds one.</p>
          ) : (
            <>
              <Table
                title="Triggers"
                hidden
                rows={all}
                keyOf={({ name }) => name}
                columns={[
                  { head: 'Trigger', cell: ({ name }) => name.split('.').at(-1) },
                  { head: 'Fires', cell: ({ kind, cron }) => (cron === '' ? causeOf(kind) : `${causeOf(kind)} (${cron})`) },
                  { head: 'Held back by', cell: guardsOf },
                  { head: 'Next time', cell: ({ nextTime }) => (nextTime ? moment(nextTime) : '–') },
                ]}
              />
              <Firings pipeline={pipeline} />
            </>
          )
        }
      </Shown>
    </>
  );
}

function guardsOf({ guards }: Trigger): string {
  if (!guards) return 'nothing';
  const { cooldownSeconds: cooldown, minNewLabels: labels, maxConcurrent: runs } = guards;
  return [cooldown > 0n ? `a cooldown of ${span(Number(cooldown))}` : '', labels > 0n ? `fewer than ${count(labels)} new labels` : '', `${Math.max(1, runs)} ${runs > 1 ? 'runs' : 'run'} at a time`].filter((part) => part !== '').join(', ');
}

function Firings({ pipeline }: { readonly pipeline: string }) {
  const [decision, want] = useState<keyof typeof DECISIONS>('');
  const list = usePages((token) => pipelineCalls.firingsWhere({ pipeline, decision }, token));
  const firings = list.pages.flatMap((page) => page.firings);
  return (
    <>
      <h2>When it fired, and why it did or did not run</h2>
      <Choice legend="Decision" of={DECISIONS} chosen={decision} choose={want} />
      <Shown answer={list.first} what="firings">
        {() =>
          firings.length === 0 ? (
            <p className="quiet">{decision === '' ? 'Never so far.' : `None that was ${DECISIONS[decision]}.`}</p>
          ) : (
            <Table
              title="Firings, newest first"
              hidden
              rows={firings}
              keyOf={({ name }) => name}
              columns={[
                { head: 'Cause', cell: ({ cause }) => causeOf(cause?.kind) },
                { head: 'Decision', cell: ({ decision: made, pipelineRun }) => <><State of={made} /> {bare(made) === 'STARTED' ? <Resource name={pipelineRun} /> : undefined}</> },
                { head: 'Why', cell: ({ why }) => <Sentence text={why} /> },
                { head: 'When', cell: ({ createTime }) => age(createTime) },
              ]}
            />
          )
        }
      </Shown>
      <More of={list} shown={firings.length} noun="firings" />
    </>
  );
}
