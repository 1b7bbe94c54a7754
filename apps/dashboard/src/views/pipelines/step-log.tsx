import { pipelineCalls } from '../../calls/pipelines.js';
import { usePages } from '../../client/pages.js';
import { More } from '../../parts/more.js';
import { Shown } from '../../parts/states.js';
import { Link } from '../../router.js';

interface Parts {
  readonly run: string;
  /** Empty shows every step. */
  readonly step: string;
  readonly steps: readonly string[];
  readonly going: boolean;
  readonly place: (step: string) => string;
}

/** What the jobs of a run said, of one step or of all, line by line as it comes. */
export function StepLog({ run, step, steps, going, place }: Parts) {
  const list = usePages((token) => pipelineCalls.stepLog(run, step, token));
  const lines = list.pages.flatMap((page) => page.stepLogLines);
  return (
    <section aria-labelledby="log">
      <h2 id="log">What {step === '' ? 'they' : step} said</h2>
      <p className="ways small">
        {['', ...steps].map((each) => (
          <Link key={each} href={each === '' ? `/runs/${run.split('/')[1]}` : place(each)} aria-current={each === step || undefined}>
            {each === '' ? 'all' : each}
          </Link>
        ))}
      </p>
      <Shown answer={list.first} what="the log">
        {() =>
          lines.length === 0 ? (
            <p className="quiet">{going ? 'Nothing yet. Lines come here as they are said.' : 'Nothing. Steps that only ask another service run no job of their own, and lines are kept for some days.'}</p>
          ) : (
            <pre className="log" tabIndex={0} aria-label="Log">
              {lines.map(({ position, time, step: of, text }) => (
                <code key={position}>
                  <time dateTime={time?.toISOString()}>{time?.toISOString().slice(11, 19)}</time>
                  {step === '' ? <b>{of}</b> : undefined}
                  <span>{text}</span>
                </code>
              ))}
            </pre>
          )
        }
      </Shown>
      <More of={list} shown={lines.length} noun="lines" />
    </section>
  );
}
