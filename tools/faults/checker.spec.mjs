import { expect, it } from 'vitest';
import { check, Findings } from './checker.mjs';
import { judgeAnswered, UNLOGGED_MS } from './rules-acknowledged.mjs';
import { acknowledged, soundFacts } from './story.fixture.mjs';

const told = (facts, { acks = acknowledged(), ended = true } = {}) => check(facts, acks, { ended }).told();
const event = (facts, id) => facts.announcements.find((each) => each.id === id);
const without = (facts, id) => facts.announcements.filter((each) => each.id !== id);

it('finds no fault in a sound story, neither on its way nor at its end', () => {
  expect(told(soundFacts())).toEqual([]);
  expect(told(soundFacts(), { ended: false })).toEqual([]);
  expect(check(soundFacts(), acknowledged(), { ended: true }).checks).toBeGreaterThan(80);
});

it('takes the same event twice on the bus for what it is: delivered again', () => {
  const facts = soundFacts();
  facts.announcements.push({ ...event(facts, 'LabelsReceived-1') });
  expect(told(facts)).toEqual([]);
});

/** One fault each: how it is planted, and what must be said of it. */
const FAULTS = {
  'a torn database': [(facts) => (facts.integrity[0].verdict = 'row 3 missing from index'), /^integrity: events/],
  'a hole in the bus': [(facts) => facts.holes.push('bus: t/0 says 3 records and holds 2'), /^whole log/],
  'a dead letter': [(facts) => facts.deadLetters.push({ topic: 't.dlq', kind: 'LabelsReceived', id: 'x', why: 'y' }), /^no dead letter/],
  'an object with another content': [(facts) => facts.objects.corrupt.push('the object aa has the content of cc'), /^whole object/],
  'a manifest that is not whole': [(facts) => facts.objects.halfWritten.push('the manifest m is not whole'), /^whole manifest/],
  'an object that is not there': [(facts) => facts.objects.digests.delete('sha256:bb'), /^named object is there: models\/m\/versions\/1 names sha256:bb|the manifest registry/],
  'an object that nothing keeps': [(facts) => facts.objects.manifests.delete('registry/models/m/b'), /^named object is kept: models\/m\/versions\/1/],
  'a change without an event': [(facts) => (facts.announcements = without(facts, 'ModelVersionRegistered-1')), /^no event lost: ModelVersionRegistered: models\/m\/versions\/1/],
  'an event without a change': [(facts) => facts.labels.delete('p2'), /^no event without its change: LabelsReceived: LabelsReceived-1 tells of p2/],
  'two events for one change': [(facts) => facts.announcements.push({ ...event(facts, 'LabelsReceived-1'), id: 'other' }), /^no event doubled: LabelsReceived: LabelsReceived-1 and other/],
  'a prediction on the bus and not in the log': [(facts) => facts.predictions.pop(), /^no event without its change: PredictionsLogged: prediction p2/],
  'a prediction counted twice': [(facts) => facts.windows[0].predictions++, /^predictions counted once: reports\/w1 counts 3/],
  'a label counted twice': [(facts) => facts.windows[0].labels++, /^no effect doubled: reports\/w1 counts 3 labels, 2 were told/],
  'an event fired twice': [(facts) => facts.firings.push({ ...facts.firings[1], id: 'f2', name: 'firings/f2', decision: 'DROPPED' }), /^no effect doubled: p.drift by reports\/w1 fired 2 times: firings\/f1, firings\/f2/],
  'a firing that claims the run of another': [(facts) => (facts.firings[1].pipelineRun = 'r1'), /^one run for one firing: firings\/f1/],
  'a run whose firing was dropped': [(facts) => (facts.firings[1].decision = 'DROPPED'), /^one run for one firing: pipelineRuns\/r2/],
  'two versions of one run': [(facts) => facts.modelVersions.push({ ...facts.modelVersions[0], name: 'models/m/versions/2' }), /^no effect doubled: pipelineRuns\/r1 made 2 model versions/],
  'metric points kept twice': [(facts) => facts.metricPoints.push('r auc 0'), /^no effect doubled: 2 metric points/],
  'a run that a crash has failed': [(facts) => Object.assign(facts.jobs.pipelineRuns[1], { state: 'FAILED', status: { failure: { message: 'lost' } } }), /^nothing failed: pipelineRuns\/r2 is FAILED: lost/],
  'a flight pushed twice': [(facts) => (facts.online[0].counted = 4), /^no effect doubled: departures counts 4 flights of ORD, 3 came/],
  'a push that was lost': [(facts) => (facts.pushes = []), /^nothing acknowledged lost: the rows of push-1/],
  'a label with another value': [(facts) => facts.labels.set('p1', 0), /^nothing acknowledged lost: the label 1 of prediction p1/],
  'an ended run that forgot its end': [(facts) => (facts.jobs.pipelineRuns[0].state = 'RUNNING'), /^nothing acknowledged lost: endedRun pipelineRuns\/r1/],
  'a closed window that is open again': [(facts) => (facts.windows[0].state = 'OPEN'), /^nothing acknowledged lost: report reports\/w1/],
};

it.each(Object.entries(FAULTS))('names %s at any moment', (_, [plant, words]) => {
  const facts = soundFacts();
  plant(facts);
  expect(told(facts, { ended: false })).toContainEqual(expect.stringMatching(words));
});

/** What may be so on the way, and not at the end. */
const UNFINISHED = {
  'an event that waits in an outbox': [(facts) => (facts.outboxes[0].waiting = 1), /^empty outbox/],
  'predictions that wait in the spool': [(facts) => facts.spooled.push('p2'), /^empty spool/],
  'a group that is behind': [(facts) => (facts.lags[0].lag = 1), /^every event handled: monitor-observations is 1 records/],
  'an event that no inbox knows': [(facts) => facts.inbox.shift(), /^every event handled: the inbox of monitor does not know PredictionsLogged/],
  'a prediction that was never counted': [(facts) => (facts.observed.pop(), facts.windows[0].predictions--, facts.windows[0].labels--), /^no effect lost: prediction p2 was never counted/],
  'a label that was never counted': [(facts) => facts.windows[0].labels--, /^no effect lost: reports\/w1 counts 1 labels, 2 were told/],
  'a label that waits for ever': [(facts) => facts.waitingLabels.push('p9'), /^no effect lost: the label of prediction p9/],
  'an event that fired nothing': [(facts) => (facts.firings = facts.firings.slice(1)), /^no effect lost: DatasetVersionCreated of datasets\/d\/versions\/1 fired nothing/],
  'an endpoint that did not follow its alias': [(facts) => facts.aliases.set('models/m/aliases/champion', 'models/m/versions/2'), /^no effect lost: endpoints\/e answers with models\/m\/versions\/1/],
  'a job that is left over': [(facts) => facts.jobDirectories.push('trainer/jobs/x'), /^no job left over/],
  'a process that is left over': [(facts) => facts.processes.push({ pid: 7, what: 'train.job.js' }), /^no process left over: 7/],
};

it.each(Object.entries(UNFINISHED))('names %s when the story has ended, and not before', (_, [plant, words]) => {
  const facts = soundFacts();
  plant(facts);
  expect(told(facts)).toContainEqual(expect.stringMatching(words));
  expect(told(facts, { ended: false })).toEqual([]);
});

it('lets answered predictions be lost that were too young to be logged, and no older ones', () => {
  const facts = soundFacts();
  const answered = new Map([['p1', 0], ['young', 5_000 - UNLOGGED_MS], ['old', 4_999 - UNLOGGED_MS]]);
  const findings = new Findings();
  const lost = judgeAnswered(findings, facts, { answered, lost: new Set(), killedAt: 5_000 });
  expect(lost.map(({ id }) => id)).toEqual(['young', 'old']);
  expect(findings.told()).toEqual([expect.stringMatching(/prediction old, answered 2001 ms before the end/)]);
});
