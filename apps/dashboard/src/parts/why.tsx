import { spoken } from '../names.js';
import { Resource } from '../router.js';

/** A resource name in a sentence. */
const NAME = /((?:datasets|models|pipelines|pipelineRuns|monitors|reports|firings|trainingJobs|trainingSets|evaluations|endpoints)\/[\w-]+(?:\/versions\/\d+)?)/;

/** A reason as it was given, one line a part, with its resource names as links and in the words of people. */
export function Why({ text }: { readonly text: string }) {
  if (text === '') return undefined;
  return (
    <ul className="why">
      {text.split('; ').map((part) => (
        <li key={part}>
          <Sentence text={part} />
        </li>
      ))}
    </ul>
  );
}

/** A sentence with its resource names as links. */
export function Sentence({ text }: { readonly text: string }) {
  return text.split(NAME).map((piece, i) => (i % 2 === 1 ? <Resource key={i} name={piece} as={piece.startsWith('firings/') ? 'a newer firing' : spoken(piece)} /> : piece));
}
