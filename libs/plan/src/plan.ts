import { createHash } from 'node:crypto';
import { canonicalJson, type Column, type Schema } from '@millrace/core';

/** One step: reads columns, makes columns. A later step that reads a name gets the latest column of that name. */
export interface Step {
  readonly id: string;
  readonly kind: string;
  readonly inputs: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly outputs: readonly string[];
}

/** A typed graph from input columns to features, as JSON; made by parsePlan, which fills in every option and name. */
export interface Plan {
  /** The columns that the plan reads, and no others. */
  readonly inputs: Schema;
  readonly steps: readonly Step[];
  readonly features: readonly string[];
}

/** A column on its way through a plan. */
export interface PlanColumn extends Column {
  /** Stands for several columns, of which the fit decides how many and which, such as one for each category. */
  readonly family?: true;
}

/** `sha256:` and the hexadecimal digest of the plan's canonical JSON: equal plans, equal digests. */
export const planDigest = (plan: Plan): string => digestOf(canonicalJson(plan));

/** The form in which objects are named everywhere. */
export const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** How errors name a step. */
export const placeOf = (step: Pick<Step, 'id' | 'kind'>): string => `step "${step.id}" (${step.kind})`;
