import { ColumnPage } from './column-page.js';
import { ComparisonPage } from './comparison-page.js';
import { Datasets } from './datasets.js';
import { SetAsidePage } from './set-aside-page.js';
import { VersionPage } from './version-page.js';

/** Data: all datasets; or one version of one, what its run set aside, one column of it, or what moved from another version to it. */
export function DataView({ below: [id, , version = 'latest', part, of] }: { readonly below: readonly string[] }) {
  if (id === undefined) return <Datasets />;
  const place = { dataset: `datasets/${id}`, version };
  if (part === 'rows') return <SetAsidePage {...place} kind={of} />;
  if (part === 'columns' && of !== undefined) return <ColumnPage {...place} column={decodeURIComponent(of)} />;
  if (part === 'compare') return <ComparisonPage {...place} base={of} />;
  return <VersionPage {...place} />;
}
