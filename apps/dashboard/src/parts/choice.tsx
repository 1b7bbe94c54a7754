import { useId } from 'react';

/** One of a few things that are chosen by a key, a word each. */
export function Choice<Key extends string>({ legend, of, chosen, choose }: { readonly legend: string; readonly of: Readonly<Record<Key, string>>; readonly chosen: Key; readonly choose: (key: Key) => void }) {
  const group = useId();
  return (
    <fieldset className="choice">
      <legend>{legend}</legend>
      {(Object.entries(of) as [Key, string][]).map(([key, word]) => (
        <label key={key}>
          <input type="radio" name={group} checked={key === chosen} onChange={() => choose(key)} />
          <span>{word}</span>
        </label>
      ))}
    </fieldset>
  );
}
