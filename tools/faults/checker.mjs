import { checkAcknowledged } from './rules-acknowledged.mjs';
import { checkEffects } from './rules-effects.mjs';
import { checkEvents } from './rules-events.mjs';
import { checkRest, checkStorage } from './rules-storage.mjs';

/** How many faults of one rule are told by name. */
const TOLD = 5;

/** Counts what was looked at, and keeps what does not hold. */
export class Findings {
  checks = 0;
  faults = [];

  /** One check: `fault` is kept when it does not hold. */
  that(holds, rule, fault) {
    this.checks++;
    if (!holds) this.faults.push({ rule, fault });
  }

  /** The faults in words, the first few of each rule. */
  told() {
    return [...Map.groupBy(this.faults, ({ rule }) => rule)].flatMap(([rule, faults]) => [
      ...faults.slice(0, TOLD).map(({ fault }) => `${rule}: ${fault}`),
      ...(faults.length > TOLD ? [`${rule}: and ${faults.length - TOLD} more`] : []),
    ]);
  }
}

/**
 * Holds what a dead process left against what it had acknowledged: pure.
 * Some things must hold at any moment; others, such as that every event was handled, only when the story has `ended`.
 */
export function check(facts, acks, { ended = false } = {}) {
  const findings = new Findings();
  checkStorage(findings, facts);
  checkEvents(findings, facts);
  checkEffects(findings, facts, { acks, ended });
  checkAcknowledged(findings, facts, acks);
  if (ended) checkRest(findings, facts);
  return findings;
}
