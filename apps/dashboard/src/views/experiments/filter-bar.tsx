import type { RunColumn } from '@millrace/contracts/millrace/registry/v1/experiment';
import { useEffect, useState } from 'react';

interface Parts {
  readonly filter: string;
  readonly columns: readonly RunColumn[];
  readonly onFilter: (filter: string) => void;
}

/** Where a filter is written; it counts when Enter is pressed, or what is written is left. */
export function FilterBar({ filter, columns, onFilter }: Parts) {
  const [text, write] = useState(filter);
  useEffect(() => write(filter), [filter]);
  const take = (): void => {
    if (text.trim() !== filter) onFilter(text.trim());
  };
  const example = columns.find(({ column }) => column.startsWith('metrics.'))?.column ?? 'metrics.auc';
  return (
    <form
      className="filter"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        take();
      }}
    >
      <label htmlFor="runs-filter">Only runs with</label>
      <input id="runs-filter" type="search" spellCheck={false} autoCapitalize="none" autoComplete="off" placeholder={`state = SUCCEEDED AND ${example} > 0.5`} value={text} onChange={({ target }) => write(target.value)} onBlur={take} />
      {filter === '' ? undefined : (
        <button type="button" onClick={() => onFilter('')}>
          All runs
        </button>
      )}
    </form>
  );
}
