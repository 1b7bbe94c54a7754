import { Alias, Model, ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { lastPart, modelRef, shortName } from '../calls/names.js';
import type { Session } from '../session.js';
import { showTime } from '../text/times.js';
import { oneLine } from '../text/width.js';
import { modelVersionText } from './model-version-text.js';

/** A model with its aliases, or one of its versions. */
export async function showModel(session: Session, name: string): Promise<void> {
  const { model, version } = modelRef(name);
  const registry = await session.connect(RegistryServiceDefinition);
  if (version !== undefined) {
    const found = await registry.getModelVersion({ name: version }, session.call);
    session.answer(() => ModelVersion.toJSON(found), () => modelVersionText(session, found));
    return;
  }
  const found = await registry.getModel({ name: model }, session.call);
  const [{ aliases }, latest] = await Promise.all([registry.listAliases({ parent: model, pageSize: 200 }, session.call), found.latestVersion === '' ? undefined : registry.getModelVersion({ name: found.latestVersion }, session.call)]);
  session.answer(
    () => ({ model: Model.toJSON(found), aliases: aliases.map((alias) => Alias.toJSON(alias)), latestVersion: latest && ModelVersion.toJSON(latest) }),
    () => modelText(session, { model: found, aliases, latest }),
  );
}

function modelText(session: Session, { model, aliases, latest }: { readonly model: Model; readonly aliases: readonly Alias[]; readonly latest: ModelVersion | undefined }): string {
  const name = shortName(model.name);
  return [
    `Model ${session.styled('bold', name)}${model.description === '' ? '' : `: ${oneLine(model.description)}`}\n`,
    session.title('Aliases'),
    aliases.length === 0 ? `${session.styled('dim', `None; \`millrace model alias ${name} champion VERSION --reason …\` makes one.`)}\n` : aliases.map((alias) => aliasText(session, alias)).join(''),
    session.title('Latest version'),
    latest ? modelVersionText(session, latest) : `${session.styled('dim', 'None yet; a run of its pipeline registers what passes the gate.')}\n`,
  ].join('');
}

/** An alias with its history, newest first. */
export const aliasText = (session: Session, { name, modelVersion, history }: Alias): string =>
  `${session.styled('bold', lastPart(name))} → version ${lastPart(modelVersion)}\n` +
  session.table(
    [{ title: 'WHEN (UTC)' }, { title: 'FROM', align: 'right' }, { title: 'TO', align: 'right' }, { title: 'WHY' }],
    history.map(({ time, from, to, reason }) => [showTime(time), from === '' ? '–' : lastPart(from), lastPart(to), reason]),
    '  ',
  );
