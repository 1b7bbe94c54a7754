import { check, Findings } from './checker.mjs';
import { readFacts } from './facts.mjs';
import { judgeAnswered } from './rules-acknowledged.mjs';

/**
 * Holds what a home has left against what it had acknowledged, and remembers what lies in a spool. What was answered shortly before `killedAt`, by a process
 * that was killed then, was lost by design (within `unloggedMs`, where it had no room for longer); one that `lives` still has it in memory.
 */
export function judge(remains, { acks, killedAt, lives = false, unloggedMs, ended = false, online = [] }) {
  const facts = { ...readFacts(remains), online };
  for (const id of facts.spooled) acks.spooled.add(id);
  const findings = check(facts, acks, { ended });
  const answered = new Findings();
  const lost = judgeAnswered(answered, facts, { answered: acks.answered, lost: acks.lost, killedAt, ...(unloggedMs === undefined ? {} : { unloggedMs }) });
  if (!lives) for (const { id } of lost) acks.lost.add(id);
  findings.checks += answered.checks;
  findings.faults.push(...answered.faults);
  return { findings, lost: lives ? [] : lost, facts };
}

/** Work that is merely on its way: events in outboxes and spools, and what groups have not read. */
export const onItsWay = ({ spooled, outboxes, lags }) => spooled.length + outboxes.reduce((sum, { waiting }) => sum + waiting, 0) + lags.reduce((sum, { lag }) => sum + lag, 0);
