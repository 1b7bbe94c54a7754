import type { ModelVersion as ModelVersionMessage } from '@millrace/contracts/millrace/registry/v1/model';
import { errors } from './errors.js';
import { aliasName, modelVersionName } from './names.js';

/** A name for versions that do the same work. */
export interface Model {
  readonly model: string;
  readonly description: string;
  /** 0 before the first. */
  readonly latestVersion: number;
  readonly createTime: Date;
  readonly revision: number;
}

/** One immutable version; what a caller registered stays as it came, only the certificate is added. */
export interface ModelVersion {
  readonly model: string;
  readonly version: number;
  readonly revision: number;
  /** As it was registered, with the certificate once it has one; names, times and aliases are set on reading. */
  readonly content: ModelVersionMessage;
  readonly createTime: Date;
}

/** One move of an alias. */
export interface AliasMove {
  /** 0 for the first move. */
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** A movable name for one version. */
export interface Alias {
  readonly model: string;
  readonly alias: string;
  readonly version: number;
  readonly revision: number;
  /** Newest first. */
  readonly history: readonly AliasMove[];
}

/** Points an alias at a version, or makes it; pointing where it points already changes nothing. */
export function moveAlias(found: Alias | undefined, { model, alias, version, reason, time }: Pick<Alias, 'model' | 'alias' | 'version'> & Pick<AliasMove, 'reason' | 'time'>): Alias {
  if (found?.version === version) return found;
  const move: AliasMove = { from: found?.version ?? 0, to: version, reason, time };
  return { model, alias, version, revision: (found?.revision ?? 0) + 1, history: [move, ...(found?.history ?? [])] };
}

/** Points an alias back to where it pointed before its last move. Rolling back is a move too: doing it twice is where one began. */
export function rollBackAlias(found: Alias, { reason, time }: Pick<AliasMove, 'reason' | 'time'>): Alias {
  const [last] = found.history;
  if (!last || last.from === 0) throw errors.NOTHING_TO_ROLL_BACK({ name: aliasName.format(found) });
  return moveAlias(found, { model: found.model, alias: found.alias, version: last.from, reason, time });
}

/** The version with its certificate. */
export function certify(found: ModelVersion, certificate: NonNullable<ModelVersionMessage['certificate']>): ModelVersion {
  if (found.content.certificate) throw errors.CERTIFIED_ALREADY({ name: modelVersionName.format({ model: found.model, version: String(found.version) }) });
  return { ...found, content: { ...found.content, certificate }, revision: found.revision + 1 };
}
