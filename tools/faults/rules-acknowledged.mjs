/**
 * How long before a kill an answered prediction may be and still be lost, in ms. Inference answers first and logs within 20 ms plus a commit;
 * the rest is room for a loaded machine.
 */
export const UNLOGGED_MS = 2_000;

/** Everything that was acknowledged is there, as it was acknowledged. */
export function checkAcknowledged(findings, facts, acks) {
  const rule = 'nothing acknowledged lost';
  for (const [id, value] of acks.labels) findings.that(facts.labels.get(id) === value, rule, `the label ${value} of prediction ${id}`);
  const logged = new Set(facts.predictions);
  for (const id of acks.confirmed) findings.that(logged.has(id), rule, `prediction ${id}, which had been read by its id`);
  const waiting = new Set(facts.spooled);
  for (const id of acks.spooled) findings.that(logged.has(id) || waiting.has(id), rule, `prediction ${id}, which had been in the spool`);
  const pushed = new Set(facts.pushes);
  for (const [requestId, { views }] of acks.pushes) for (const view of views) findings.that(pushed.has(`${requestId} ${view}`), rule, `the rows of ${requestId} in ${view}`);
  for (const [kind, find] of Object.entries(found(facts))) {
    for (const [name, said] of acks.names.get(kind) ?? []) findings.that(find(name, said), rule, `${kind} ${name} ${said}`);
  }
}

/** For each kind of name how to find it again, as it was said to be. */
function found(facts) {
  const has = (values) => {
    const known = new Set(values);
    return (name) => known.has(name);
  };
  const names = (values) => values.map(({ name }) => name);
  const runs = new Map(facts.jobs.pipelineRuns.map((run) => [run.name, run]));
  const windows = new Map(facts.windows.map((window) => [window.name, window]));
  const firings = new Map(facts.firings.map((firing) => [firing.name, firing]));
  return {
    pipelineVersion: has(facts.pipelineVersions),
    pipelineRun: has(names(facts.jobs.pipelineRuns)),
    ingestionRun: has(names(facts.jobs.ingestionRuns)),
    datasetVersion: has(names(facts.versions)),
    modelVersion: has(names(facts.modelVersions)),
    endedRun: (name, said) => `${runs.get(name)?.state} ${runs.get(name)?.outcome?.modelVersion ?? ''}` === said,
    report: (name) => windows.get(name)?.state === 'CLOSED',
    firing: (name, said) => firings.get(name)?.decision === 'STARTED' && `pipelineRuns/${firings.get(name)?.pipelineRun}` === said,
  };
}

/**
 * Predictions that were answered and are in neither log nor spool. Those answered within `unloggedMs` before the kill are lost by design, and from now on
 * nobody asks for them; older ones are faults.
 */
export function judgeAnswered(findings, facts, { answered, lost, killedAt, unloggedMs = UNLOGGED_MS }) {
  const kept = new Set([...facts.predictions, ...facts.spooled]);
  const gone = [];
  for (const [id, at] of answered) {
    if (lost.has(id)) continue;
    const age = killedAt - at;
    findings.that(kept.has(id) || age <= unloggedMs, 'nothing acknowledged lost', `prediction ${id}, answered ${Math.round(age)} ms before the end and not logged`);
    if (!kept.has(id)) gone.push({ id, age });
  }
  return gone;
}
