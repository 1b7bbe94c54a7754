import type { Alias, ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { type ReactNode, useId, useState } from 'react';
import { aliasDeeds } from '../../calls/models.js';
import { useAct } from '../../client/act.js';
import type { Deed } from '../../client/rest.js';
import { Dialog } from '../../parts/dialog.js';
import { Failure } from '../../parts/states.js';
import { numberOf } from '../../text.js';

/** A name that an alias may have. */
const NAME = '[a-z0-9]([a-z0-9\\-]{0,62}[a-z0-9])?';

interface Parts {
  readonly label: string;
  readonly title: string;
  readonly says: string;
  /** What is done, with the reason and the other answers of the form. */
  readonly deed: (answers: FormData) => Deed;
  readonly children?: ReactNode;
  readonly main?: boolean;
}

/** A button that asks for a reason, does it once it is given, and says why it could not be done. */
function AskedButton({ label, title, says, deed, children, main = false }: Parts) {
  const [asking, ask] = useState(false);
  const { busy, failure, run } = useAct();
  const reason = useId();
  return (
    <>
      <button type="button" className={main ? 'main' : undefined} onClick={() => ask(true)}>
        {label}
      </button>
      {asking ? (
        <Dialog title={title} onClose={() => ask(false)}>
          <form
            className="fields"
            onSubmit={(event) => {
              event.preventDefault();
              run(deed(new FormData(event.currentTarget)), () => ask(false));
            }}
          >
            <p>{says}</p>
            {children}
            <label htmlFor={reason}>Why; it is kept with the move</label>
            <input id={reason} name="reason" required maxLength={500} autoComplete="off" />
            {failure ? <Failure failure={failure} did /> : undefined}
            <p className="answers">
              <button type="submit" className="main" aria-disabled={busy}>
                {label}
              </button>
              <button type="button" onClick={() => ask(false)}>
                Leave it
              </button>
            </p>
          </form>
        </Dialog>
      ) : undefined}
    </>
  );
}

const textOf = (answers: FormData, name: string): string => {
  const value = answers.get(name);
  return typeof value === 'string' ? value : '';
};

/** Points an alias back to where it pointed before its last move. */
export function RollBackAlias({ alias: { name, history, modelVersion, etag } }: { readonly alias: Alias }) {
  const before = history[0]?.from ?? '';
  if (before === '') return undefined;
  const alias = numberOf(name);
  return (
    <AskedButton
      label={`Roll back to version ${numberOf(before)}`}
      title={`Roll @${alias} back?`}
      says={`Endpoints that follow @${alias} will answer with version ${numberOf(before)} in place of version ${numberOf(modelVersion)}. Rolling back once more undoes it.`}
      deed={(answers) => aliasDeeds.rollBack(name, { reason: textOf(answers, 'reason'), etag })}
    />
  );
}

/** Points an alias at a version that is chosen from those that are shown. */
export function MoveAlias({ alias: { name, modelVersion, etag }, versions }: { readonly alias: Alias; readonly versions: readonly ModelVersion[] }) {
  const others = versions.filter((version) => version.name !== modelVersion);
  const alias = numberOf(name);
  if (others.length === 0) return undefined;
  return (
    <AskedButton
      label={others.length === 1 && others[0] ? `Point at version ${numberOf(others[0].name)}` : 'Point at another version'}
      title={`Point @${alias} at another version?`}
      says={`Endpoints that follow @${alias} will answer with it in place of version ${numberOf(modelVersion)}. No gate is asked.`}
      deed={(answers) => aliasDeeds.move(name, { modelVersion: textOf(answers, 'version'), reason: textOf(answers, 'reason'), etag })}
    >
      <VersionChoice versions={others} />
    </AskedButton>
  );
}

/** Gives a version a name that can move later. */
export function NewAlias({ model, taken, versions }: { readonly model: string; readonly taken: readonly string[]; readonly versions: readonly ModelVersion[] }) {
  const id = useId();
  return (
    <AskedButton
      label="New alias"
      title="New alias"
      says={`It points at one version and can be moved. ${taken.length === 0 ? '' : `Taken: ${taken.map((alias) => `@${alias}`).join(', ')}; such a one would be moved.`}`}
      deed={(answers) => aliasDeeds.move(`${model}/aliases/${textOf(answers, 'alias')}`, { modelVersion: textOf(answers, 'version'), reason: textOf(answers, 'reason'), etag: '' })}
    >
      <label htmlFor={id}>Its name, in small letters, digits and hyphens</label>
      <input id={id} name="alias" required pattern={NAME} autoComplete="off" />
      <VersionChoice versions={versions} />
    </AskedButton>
  );
}

function VersionChoice({ versions }: { readonly versions: readonly ModelVersion[] }) {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>Version</label>
      <select id={id} name="version">
        {versions.map(({ name, aliases }) => (
          <option key={name} value={name}>
            {[`version ${numberOf(name)}`, ...aliases.map((alias) => `@${alias}`)].join(' ')}
          </option>
        ))}
      </select>
    </>
  );
}
