import { count, shareOf } from '../../text.js';
import { type Decision, rowsOf } from './decision.js';

/** What rows were called against what they were; each cell is as dark as its share of what they were. */
export function Confusion({ decision }: { readonly decision: Decision }) {
  const { truePositives, falsePositives, falseNegatives, trueNegatives } = decision;
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="Confusion matrix">
      <table className="confusion">
        <caption>Rows by what they were and what they are called</caption>
        <thead>
          <tr>
            <th scope="col">Was</th>
            <th scope="col" className="figures">Called positive</th>
            <th scope="col" className="figures">Called negative</th>
            <th scope="col" className="figures">Rows</th>
          </tr>
        </thead>
        <tbody>
          <Row was="positive" cells={[['true positives', truePositives, true], ['false negatives', falseNegatives, false]]} />
          <Row was="negative" cells={[['false positives', falsePositives, false], ['true negatives', trueNegatives, true]]} />
          <tr>
            <th scope="row">All</th>
            <td className="figures">{count(truePositives + falsePositives)}</td>
            <td className="figures">{count(falseNegatives + trueNegatives)}</td>
            <td className="figures">{count(rowsOf(decision))}</td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}

function Row({ was, cells }: { readonly was: string; readonly cells: readonly (readonly [name: string, rows: number, right: boolean])[] }) {
  const all = cells.reduce((sum, [, rows]) => sum + rows, 0);
  return (
    <tr>
      <th scope="row">{was}</th>
      {cells.map(([name, rows, right]) => (
        <td key={name} className="figures" data-right={right} data-shade={all === 0 ? 0 : Math.ceil((rows / all) * 4)}>
          <b>{count(rows)}</b>
          <small>
            {name}, {shareOf(rows, all)}
          </small>
        </td>
      ))}
      <td className="figures">{count(all)}</td>
    </tr>
  );
}
