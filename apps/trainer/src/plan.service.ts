import type { Column } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import { describePlan, extendPlan, fittedFromJson, parsePlan, planDigest, type PlanGraph } from '@millrace/plan';
import { readFittedPlan } from '@millrace/scoring';

/** A plan as a graph, with what its steps have learnt where it was fitted. */
export interface DescribedPlan extends PlanGraph {
  readonly digest: string;
  /** By step; nothing before the fit. */
  readonly states: Readonly<Record<string, unknown>>;
}

/** Says what plans do, without running them. */
export class PlanService {
  constructor(private readonly objects: ObjectStore) {}

  /** A plan that is not fitted yet, with the steps of a rung after its own; throws what parsing throws. */
  ofPlan(json: unknown, { schema, rungSteps }: { readonly schema: readonly Column[]; readonly rungSteps: readonly unknown[] }): DescribedPlan {
    const plan = parsePlan(json, { inputs: schema });
    const whole = rungSteps.length > 0 ? extendPlan(plan, rungSteps) : plan;
    return { ...describePlan(whole), digest: planDigest(whole), states: {} };
  }

  /** The plan that a packed model was trained with. */
  async ofModel(artifact: string): Promise<DescribedPlan> {
    const { plan, states } = fittedFromJson(await readFittedPlan(this.objects, artifact));
    return { ...describePlan(plan), digest: planDigest(plan), states };
  }
}
