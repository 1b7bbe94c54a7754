import type { Row, Value } from '@millrace/contracts/millrace/type/v1/value';

const text = (value: string): Value => ({ kind: { $case: 'stringValue', value } });
const whole = (value: number): Value => ({ kind: { $case: 'int64Value', value: BigInt(value) } });

/** A row of texts and whole numbers. */
export const row = (cells: Readonly<Record<string, string | number>>): Row => ({ values: Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, typeof cell === 'string' ? text(cell) : whole(cell)])) });

/** A flight as the endpoint of late flights is asked of it. */
export const flight = (distance: number, origin: string): Row => row({ distance, origin });
