import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import { PlanDescription } from '@millrace/contracts/millrace/type/v1/plan';
import { fullName, modelRef, shortVersion } from '../calls/names.js';
import { errors } from '../errors.js';
import type { Session } from '../session.js';
import { planTree } from './plan-tree.js';
import { readText } from './read-text.js';

/** What `millrace plan show` may be told. */
export interface PlanShowOptions {
  readonly rung?: string;
}

/** A plan with what it is of. */
interface Found {
  readonly of: string;
  readonly plan: PlanDescription | undefined;
  /** That it could be shown with; of a model version there are none. */
  readonly rungs: readonly string[];
}

/** The plan of a file, of a pipeline or of a model version, as a graph. */
export async function showPlan(session: Session, what: string, { rung = '' }: PlanShowOptions): Promise<void> {
  const isModel = /@|^models\/|\/versions\//.test(what) && !what.startsWith('pipelines/');
  if (isModel && rung !== '') throw errors.WRONG_USE({ why: '--rung is of a file or a pipeline; a model version has the steps of its rung already.' });
  const found = await (isModel ? ofModel(session, what) : ofPipeline(session, what, rung));
  const { of, plan = PlanDescription.fromPartial({}), rungs } = found;
  session.answer(
    () => ({ of, rungs, ...(PlanDescription.toJSON(plan) as object) }),
    () => {
      const others = rungs.filter((name) => name !== rung);
      const next = others.length === 0 ? '' : session.styled('dim', `\nNext: millrace plan show ${what} --rung ${others.at(-1) ?? ''}\n`);
      return `Plan of ${session.styled('bold', of)}${session.styled('dim', ` ${plan.digest.slice(0, 'sha256:'.length + 12)}`)}\n${planTree(plan, { paint: session.paint, width: session.terminal.out.isTTY ? session.terminal.out.columns : undefined })}${next}`;
    },
  );
}

async function ofModel(session: Session, what: string): Promise<Found> {
  // A number is a version, a word an alias.
  const { version = '' } = modelRef(what.replace(/@v?(\d+)$/, '/versions/$1'));
  const registry = await session.connect(RegistryServiceDefinition);
  const { name, artifact } = await registry.getModelVersion({ name: version }, session.call);
  const trainer = await session.connect(TrainerServiceDefinition);
  return { of: `model ${shortVersion(name)}`, plan: (await trainer.describePlan({ artifact }, session.call)).plan, rungs: [] };
}

async function ofPipeline(session: Session, what: string, rung: string): Promise<Found> {
  const pipelines = await session.connect(PipelinesServiceDefinition);
  const isFile = what === '-' || /\.ya?ml$/.test(what);
  const place = what.includes('/versions/') ? what : `${fullName('pipelines', what)}/versions/latest`;
  const { plan, rungs } = await pipelines.describePipelinePlan(isFile ? { source: await readText(what, session.terminal), rung } : { name: place, rung }, session.call);
  const whose = isFile ? (what === '-' ? 'standard input' : what) : `pipeline ${shortVersion(place)}`;
  return { of: rung === '' ? whose : `${whose}, rung ${rung}`, plan, rungs };
}
