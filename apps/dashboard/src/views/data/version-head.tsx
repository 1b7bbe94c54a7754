import { Link } from '../../router.js';
import { numberOf } from '../../text.js';

/** One version of a dataset as a place names it. */
export interface VersionPlace {
  readonly dataset: string;
  /** Its number, or `latest`. */
  readonly version: string;
}

/** The name of a version that a place says. */
export const nameOf = ({ dataset, version }: VersionPlace): string => `${dataset}/versions/${version}`;

/** Where a version is shown, or a part of it. */
export const placeIn = ({ dataset, version }: VersionPlace, part = ''): string => `/data/${numberOf(dataset)}/versions/${version}${part === '' ? '' : `/${part}`}`;

const PARTS: Readonly<Record<string, string>> = { '': 'What it holds', rows: 'Rows set aside', compare: 'What moved' };

/** The head of what is shown of a version: the way back, its name, and its parts. */
export function VersionHead({ place, part }: { readonly place: VersionPlace; readonly part: string }) {
  const { dataset, version } = place;
  return (
    <>
      <p className="crumbs">
        <Link href="/data">Data</Link> {part === '' ? undefined : <>/ <Link href={placeIn(place)}>{numberOf(dataset)} {version === 'latest' ? 'latest' : version}</Link></>}
      </p>
      <h1>{numberOf(dataset)}</h1>
      <ul className="ways" aria-label="Parts of the version">
        {Object.entries(PARTS).map(([key, word]) => (
          <li key={key}>
            <Link href={placeIn(place, key)} aria-current={key === part ? 'true' : undefined}>
              {word}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
