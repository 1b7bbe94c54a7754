import { useEffect, useState } from 'react';
import { useTraffic } from '../../calls/traffic.js';
import { type Layer, Layers } from '../../charts/layers.js';
import { Threads } from '../../charts/threads.js';
import { Choice } from '../../parts/choice.js';
import { Figure } from '../../parts/figure.js';
import { Loading, State } from '../../parts/states.js';
import { Link } from '../../router.js';
import { count, figure, moment, plural } from '../../text.js';
import { spoken } from '../../names.js';
import { flagWord } from './prediction-answer.js';
import { type Bar, barsOf, namesOf } from './traffic.js';

const MINUTE = 60_000;
const SPANS = [
  { title: '15 minutes', ms: 15 * MINUTE, bar: '10 seconds' },
  { title: '3 hours', ms: 180 * MINUTE, bar: '2 minutes' },
  { title: '24 hours', ms: 1_440 * MINUTE, bar: '16 minutes' },
] as const;
const TITLES: Readonly<Record<string, string>> = Object.fromEntries(SPANS.map(({ title }) => [title, title]));
/** So often bars move on though nothing is asked. */
const TICK_MS = 10_000;
const RANKS = ['first', 'second', 'third'] as const;
const LATENCIES = [['p50', 'p50'], ['p95', 'p95'], ['p99', 'p99']] as const;

/** What is asked of an endpoint as it is asked: by version, how fast, what failed, and what the input guard saw. */
export function Traffic({ endpoint }: { readonly endpoint: string }) {
  const [span, choose] = useState<(typeof SPANS)[number]>(SPANS[0]);
  const [since, begin] = useState(() => Date.now() - SPANS[0].ms);
  const [now, tick] = useState(() => Date.now());
  const { windows, state } = useTraffic(endpoint, since);
  useEffect(() => {
    const timer = setInterval(() => tick(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const newest = Math.max(now, ...[...windows.keys()].slice(-1));
  const bars = barsOf(windows.values(), { spanMs: span.ms, nowMs: newest });
  return (
    <section>
      <h2>
        Traffic <State tone={state === 'live' ? 'good' : state === 'lost' ? 'watch' : 'idle'} word={state === 'live' ? 'as it comes' : state === 'lost' ? 'the stream broke; it is taken up again' : 'opening'} />
      </h2>
      <Choice
        legend="Of the last"
        of={TITLES}
        chosen={span.title}
        choose={(title) => {
          const next = SPANS.find((each) => each.title === title) ?? span;
          choose(next);
          begin(Date.now() - next.ms);
        }}
      />
      {state === 'opening' ? <Loading what="traffic" /> : <Charts bars={bars} bar={span.bar} title={span.title} endpoint={endpoint} />}
    </section>
  );
}

function Charts({ bars, bar, title, endpoint }: { readonly bars: readonly Bar[]; readonly bar: string; readonly title: string; readonly endpoint: string }) {
  const versions = namesOf(bars, ({ requests }) => requests);
  const asked = bars.filter(({ requests }) => Object.keys(requests).length > 0);
  if (asked.length === 0) {
    return (
      <p className="quiet">
        Nothing was asked in the last {title}. <Link href={`/${endpoint}/try`}>Try it</Link>: what is asked shows here within a second or two.
      </p>
    );
  }
  const answered = asked.filter(({ p50 }) => p50 !== undefined);
  const errors = namesOf(bars, (each) => each.errors);
  const flags = namesOf(bars, (each) => each.flags);
  const ends = { from: moment(new Date(bars[0]?.startMs ?? 0)), to: 'now' };
  const failed: readonly Layer[] = [...errors.map((name): Layer => ({ name: reasonOf(name), fill: 'bad', values: bars.map((each) => each.errors[name] ?? 0) })), { name: 'rows that the guard refused', fill: 'watch', values: bars.map(({ refused }) => refused) }];
  const seen = flags.map((kind, i): Layer => ({ name: flagWord({ kind }), fill: RANKS[i] ?? 'rest', values: bars.map((each) => each.flags[kind] ?? 0) }));
  const when = { head: 'From', cell: ({ startMs }: Bar) => moment(new Date(startMs)), plain: ({ startMs }: Bar) => new Date(startMs) };
  const counts = (head: string, of: (each: Bar) => number) => ({ head, figures: true, cell: (each: Bar) => count(of(each)), plain: of });
  const keyOf = ({ startMs }: Bar): string => String(startMs);
  const sum = (of: (each: Bar) => number): number => asked.reduce((all, each) => all + of(each), 0);
  return (
    <>
      <Figure
        title="Requests by version"
        says={`Each bar is ${bar}. ${plural(sum(({ predictions }) => predictions), 'row')} got a score.`}
        wide
        picture={<Layers {...ends} layers={versions.map((name, i) => ({ name: versionName(name), fill: RANKS[i] ?? 'rest', values: bars.map(({ requests }) => requests[name] ?? 0) }))} says={versions.map((name) => `${versionName(name)}: ${plural(sum(({ requests }) => requests[name] ?? 0), 'request')}`).join(', ')} />}
        table={{ rows: asked, keyOf, columns: [when, ...versions.map((name) => counts(versionName(name), ({ requests }) => requests[name] ?? 0)), counts('Rows with a score', ({ predictions }) => predictions)] }}
      />
      {answered.length === 0 ? <p className="quiet">No request was answered, so that there is no latency.</p> : (
        <Figure
          title="Latency"
          says="Milliseconds within the service until a request was answered, true within a tenth: half, 95 % and 99 % of the requests were faster. In longer bars, that of the slowest ten seconds."
          wide
          picture={<Threads {...ends} threads={LATENCIES.map(([name, key]) => ({ name, chosen: key === 'p50', values: bars.map((each) => each[key]) }))} show={(value) => `${figure(value, 3)} ms`} says={LATENCIES.map(([name, key]) => `${name} at most ${figure(Math.max(...answered.map((each) => each[key] ?? 0)), 3)} ms`).join(', ')} />}
          table={{ rows: answered, keyOf, columns: [when, ...LATENCIES.map(([name, key]) => ({ head: `${name}, ms`, figures: true, cell: (each: Bar) => figure(each[key], 3), plain: (each: Bar) => each[key] }))] }}
        />
      )}
      {sum(({ refused }) => refused) + errors.length === 0 ? (
        <p className="quiet">
          <State tone="good" word="nothing failed" /> and no row was refused.
        </p>
      ) : (
        <Figure
          title="What failed"
          says="Requests that failed, by the reason of their error, and rows that the input guard refused."
          wide
          picture={<Layers {...ends} layers={failed} says={toldOf(failed)} />}
          table={{ rows: asked, keyOf, columns: [when, ...errors.map((name) => counts(reasonOf(name), (each) => each.errors[name] ?? 0)), counts('Refused rows', ({ refused }) => refused)] }}
        />
      )}
      {seen.length === 0 ? (
        <p className="quiet">The input guard saw nothing odd.</p>
      ) : (
        <Figure
          title="What the input guard saw"
          says="Inputs that training did not see so, by kind; a row may have several."
          wide
          picture={<Layers {...ends} layers={seen} says={toldOf(seen)} />}
          table={{ rows: asked, keyOf, columns: [when, ...flags.map((kind) => counts(flagWord({ kind }), (each) => each.flags[kind] ?? 0))] }}
        />
      )}
    </>
  );
}

const toldOf = (layers: readonly Layer[]): string => layers.map(({ name, values }) => `${name}: ${count(values.reduce((all, value) => all + value, 0))}`).join(', ');

const reasonOf = (name: string): string => `failed: ${name.toLowerCase().replaceAll('_', ' ')}`;

const versionName = (name: string): string => (name === '' ? 'no version loaded' : spoken(name));
