/** Holds at any moment: whole databases, whole logs, whole objects, and every object that something names. */
export function checkStorage(findings, facts) {
  for (const { name, verdict } of facts.integrity) findings.that(verdict === 'ok', 'integrity', `${name}: ${verdict}`);
  findings.that(facts.holes.length === 0, 'whole log', facts.holes.join('; '));
  findings.that(facts.deadLetters.length === 0, 'no dead letter', facts.deadLetters.map(({ topic, kind, id, why }) => `${topic}: ${kind} ${id}: ${why}`).join('; '));
  const { digests, corrupt, manifests, halfWritten } = facts.objects;
  findings.checks += digests.size + manifests.size;
  for (const fault of corrupt) findings.faults.push({ rule: 'whole object', fault });
  for (const fault of halfWritten) findings.faults.push({ rule: 'whole manifest', fault });
  for (const [name, named] of manifests) for (const digest of named) findings.that(digests.has(digest), 'named object is there', `the manifest ${name} names ${digest}`);
  const kept = new Set([...manifests.values()].flat());
  for (const [name, digest] of namedByRows(facts)) {
    findings.that(digests.has(digest), 'named object is there', `${name} names ${digest}`);
    findings.that(kept.has(digest), 'named object is kept', `${name} names ${digest}, and no manifest does`);
  }
}

/** Holds when all has ended: nothing waits, nothing is left over. */
export function checkRest(findings, facts) {
  for (const { service, waiting } of facts.outboxes) findings.that(waiting === 0, 'empty outbox', `${waiting} events wait in the outbox of ${service}`);
  findings.that(facts.spooled.length === 0, 'empty spool', `${facts.spooled.length} predictions wait in the spool`);
  for (const { group, topic, lag } of facts.lags) findings.that(lag === 0, 'every event handled', `${group} is ${lag} records of ${topic} behind`);
  for (const [collection, jobs] of Object.entries(facts.jobs)) for (const { name, state, final } of jobs) findings.that(final, 'every job ended', `${name} of ${collection} is ${state}`);
  findings.that(facts.jobDirectories.length === 0, 'no job left over', `${facts.jobDirectories.length} job directories: ${facts.jobDirectories.join(', ')}`);
  findings.that(facts.processes.length === 0, 'no process left over', facts.processes.map(({ pid, what }) => `${pid}: ${what}`).join('; '));
}

function namedByRows({ versions, jobs, evaluations, modelVersions, endpoints }) {
  const objects = [
    ...versions.flatMap(({ name, objects: own, quarantine, ledger }) => [...own, quarantine, ledger].map((object) => [name, object?.digest])),
    ...jobs.trainingSets.map(({ name, object }) => [name, object?.digest]),
    ...jobs.trainingJobs.flatMap(({ name, models }) => models.flatMap(({ artifact, paritySample, reference }) => [artifact, paritySample, reference].map((object) => [name, object?.digest]))),
    ...evaluations.map(({ name, report }) => [name, report]),
    ...modelVersions.flatMap(({ name, artifact, reference, paritySample }) => [artifact, reference, paritySample].map((object) => [name, object?.digest])),
    ...endpoints.map(({ name, artifact }) => [name, artifact]),
  ];
  return objects.filter(([, digest]) => digest !== undefined && digest !== '');
}
