import { InferenceSession, Tensor } from 'onnxruntime-node';

/** A packed model without anything around it: cells into tensors by hand, one session with the options of the product, the score out. */
export async function openModel({ onnxFile, inputs }) {
  const session = await InferenceSession.create(onnxFile, { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', logSeverityLevel: 3 });
  const namesOf = (...types) => inputs.filter(({ type }) => types.includes(type)).map(({ name }) => name);
  const [floats, integers, texts] = [namesOf('FLOAT64'), namesOf('INT64', 'TIMESTAMP'), namesOf('STRING')];
  const times = new Set(namesOf('TIMESTAMP'));
  if (floats.length + integers.length + texts.length !== inputs.length) throw new Error('The model has inputs of other types.');

  /** The score of one row: `cell` gives its cells by column, `time` is the cell of the event time. */
  return async (cell, time) => {
    const feeds = {};
    if (floats.length > 0) feeds.f64 = new Tensor('float64', Float64Array.from(floats, (name) => Number(cell(name))), [1, floats.length]);
    if (integers.length > 0) feeds.i64 = new Tensor('int64', BigInt64Array.from(integers, (name) => (times.has(name) ? BigInt(time.getTime()) * 1000n : BigInt(cell(name)))), [1, integers.length]);
    if (texts.length > 0) feeds.str = new Tensor('string', texts.map(cell), [1, texts.length]);
    const { score } = await session.run(feeds, ['score']);
    return score.data[0];
  };
}
