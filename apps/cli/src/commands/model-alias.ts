import { Alias } from '@millrace/contracts/millrace/registry/v1/model';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { modelRef } from '../calls/names.js';
import { errors } from '../errors.js';
import type { Session } from '../session.js';
import { aliasText } from './model-show.js';

/** Points an alias at a version. */
export async function moveAlias(session: Session, name: string, alias: string, version: string, { reason }: { readonly reason: string }): Promise<void> {
  const { model } = modelRef(name);
  const number = /^(?:.*\/)?(\d+)$/.exec(version)?.[1];
  if (number === undefined) throw errors.WRONG_NUMBER({ text: version, option: 'VERSION', wanted: `the number of a version; \`millrace model versions ${name}\` lists them` });
  const registry = await session.connect(RegistryServiceDefinition);
  tell(session, await registry.moveAlias({ name: `${model}/aliases/${alias}`, modelVersion: `${model}/versions/${number}`, reason }, session.call));
}

/** Points an alias back to where it pointed before its last move. */
export async function rollBack(session: Session, name: string, alias: string, { reason }: { readonly reason: string }): Promise<void> {
  const registry = await session.connect(RegistryServiceDefinition);
  tell(session, await registry.rollBackAlias({ name: `${modelRef(name).model}/aliases/${alias}`, reason }, session.call));
}

const tell = (session: Session, alias: Alias): void => session.answer(() => Alias.toJSON(alias), () => aliasText(session, alias));
