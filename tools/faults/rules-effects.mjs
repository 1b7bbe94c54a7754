import { eventsByKey } from './rules-events.mjs';

/** What each event that fires must have fired, by the kind of its cause. */
const FIRES = { DatasetVersionCreated: 'NEW_DATA', DriftDetected: 'DRIFT', PerformanceDropped: 'PERFORMANCE' };
/** Which inbox remembers which events. */
const INBOXES = [
  { service: 'monitor', consumer: 'monitor', kinds: ['PredictionsLogged', 'LabelsReceived'] },
  { service: 'pipelines', consumer: 'triggers', kinds: Object.keys(FIRES) },
];

/** Every event has its effect once: never more than once at any moment, and at the end not less. */
export function checkEffects(findings, facts, { acks, ended }) {
  checkPredictions(findings, facts, ended);
  checkLabels(findings, facts, { acks, ended });
  checkFirings(findings, facts, ended);
  checkRuns(findings, facts, ended);
  checkOnline(findings, facts);
  if (!ended) return;
  checkInboxes(findings, facts);
  for (const { name, alias, modelVersion } of facts.endpoints) findings.that(facts.aliases.get(alias) === modelVersion, 'no effect lost', `${name} answers with ${modelVersion}, ${alias} points at ${facts.aliases.get(alias)}`);
}

function checkPredictions(findings, facts, ended) {
  const published = eventsByKey(facts, 'PredictionsLogged');
  for (const { id } of facts.observed) findings.that(published.has(id), 'no effect without its event', `prediction ${id} was counted and is not on the bus`);
  const observed = new Set(facts.observed.map(({ id }) => id));
  for (const { name, from, to, predictions } of facts.windows) {
    const own = facts.observed.filter(({ time }) => time >= from && time < to).length;
    findings.that(predictions === own, 'predictions counted once', `${name} counts ${predictions} predictions, ${own} were observed`);
  }
  for (const { id, time } of facts.observed) findings.that(facts.windows.some(({ from, to }) => time >= from && time < to), 'predictions counted once', `prediction ${id} is in no window`);
  if (!ended) return;
  for (const id of facts.predictions) {
    findings.that(published.has(id), 'no event lost', `PredictionsLogged: prediction ${id} is in the log and not on the bus`);
    findings.that(observed.has(id), 'no effect lost', `prediction ${id} was never counted by the monitor`);
  }
}

function checkLabels(findings, facts, { acks, ended }) {
  const told = eventsByKey({ announcements: facts.announcements.filter(({ where }) => where === 'bus') }, 'LabelsReceived');
  const times = new Map(facts.observed.map(({ id, time }) => [id, time]));
  for (const { name, from, to, labels } of facts.windows) {
    const own = [...told.keys()].filter((id) => times.get(id) >= from && times.get(id) < to).length;
    findings.that(labels <= own, 'no effect doubled', `${name} counts ${labels} labels, ${own} were told`);
    if (ended) findings.that(labels >= own, 'no effect lost', `${name} counts ${labels} labels, ${own} were told`);
  }
  if (ended) for (const id of facts.waitingLabels) findings.that(acks.lost.has(id), 'no effect lost', `the label of prediction ${id} still waits for it`);
}

function checkFirings(findings, facts, ended) {
  const fired = new Map();
  for (const { name, trigger, cause } of facts.firings) fired.set(`${trigger} by ${cause.resource}`, [...(fired.get(`${trigger} by ${cause.resource}`) ?? []), name]);
  for (const [what, names] of fired) findings.that(names.length === 1, 'no effect doubled', `${what} fired ${names.length} times: ${names.join(', ')}`);
  const runs = new Map(facts.jobs.pipelineRuns.map((run) => [run.name, run]));
  for (const { name, id, decision, pipelineRun } of facts.firings) {
    if (decision === 'STARTED') findings.that(runs.get(`pipelineRuns/${pipelineRun}`)?.requestId === `firing-${id}`, 'one run for one firing', `${name} says that it started pipelineRuns/${pipelineRun}, which is not its run`);
  }
  const firings = new Map(facts.firings.map((firing) => [`firing-${firing.id}`, firing]));
  for (const { name, requestId, id } of facts.jobs.pipelineRuns) {
    if (!requestId.startsWith('firing-')) continue;
    const firing = firings.get(requestId);
    findings.that(firing !== undefined, 'one run for one firing', `${name} was started by ${requestId}, which is not there`);
    const settled = firing?.decision === 'STARTED' && firing.pipelineRun === id;
    if (ended || firing?.decision === 'DROPPED') findings.that(settled, 'one run for one firing', `${name} was started by ${firing?.name}, which says ${firing?.decision}: ${firing?.why}`);
  }
  if (!ended) return;
  const resources = new Set(facts.firings.map(({ cause }) => `${cause.kind} ${cause.resource}`));
  for (const [kind, cause] of Object.entries(FIRES)) for (const key of eventsByKey(facts, kind).keys()) findings.that(resources.has(`${cause} ${key}`), 'no effect lost', `${kind} of ${key} fired nothing`);
}

/** A crash fails nothing, and what a run makes it makes once. */
function checkRuns(findings, facts, ended) {
  for (const jobs of Object.values(facts.jobs)) for (const { name, state, status } of jobs) findings.that(state !== 'FAILED' && state !== 'CANCELLED', 'nothing failed', `${name} is ${state}: ${status.failure?.message}`);
  for (const run of facts.jobs.pipelineRuns) {
    const made = {
      'model versions': facts.modelVersions.filter(({ origin }) => origin?.pipelineRun === run.name),
      'experiment runs': facts.experimentRuns.filter(({ pipelineRun }) => pipelineRun === run.name),
      'training jobs': facts.jobs.trainingJobs.filter(({ requestId }) => requestId.startsWith(run.id)),
      'training sets': facts.jobs.trainingSets.filter(({ requestId }) => requestId.startsWith(run.id)),
      'ingestion runs': facts.jobs.ingestionRuns.filter(({ requestId }) => requestId.startsWith(run.id)),
    };
    for (const [what, own] of Object.entries(made)) findings.that(own.length <= 1, 'no effect doubled', `${run.name} made ${own.length} ${what}: ${own.map(({ name }) => name).join(', ')}`);
    if (run.outcome?.decision === 'PROMOTED') findings.that(made['model versions'].length === 1, 'no effect lost', `${run.name} promoted a version and registered ${made['model versions'].length}`);
    if (ended) for (const { name, state } of made['experiment runs']) findings.that(state === 'SUCCEEDED', 'no effect lost', `experiment run ${name} of ${run.name} is ${state}`);
  }
  findings.that(new Set(facts.metricPoints).size === facts.metricPoints.length, 'no effect doubled', `${facts.metricPoints.length} metric points, ${new Set(facts.metricPoints).size} different ones`);
}

/** What the online features count, asked over the wire when the story was over: all rows that ever came, each once. */
function checkOnline(findings, { online = [] }) {
  for (const { view, airport, counted, came } of online) findings.that(counted === came, counted > came ? 'no effect doubled' : 'no effect lost', `${view} counts ${counted} flights of ${airport}, ${came} came`);
}

function checkInboxes(findings, facts) {
  const remembered = new Set(facts.inbox.map(({ service, consumer, id }) => `${service} ${consumer} ${id}`));
  for (const { service, consumer, kinds } of INBOXES) {
    for (const { id, kind } of facts.announcements) if (kinds.includes(kind)) findings.that(remembered.has(`${service} ${consumer} ${id}`), 'every event handled', `the inbox of ${service} does not know ${kind} ${id}`);
  }
}
