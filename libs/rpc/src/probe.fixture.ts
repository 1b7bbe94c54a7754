import { MetricPoint } from '@millrace/contracts/millrace/registry/v1/experiment';
import { Row } from '@millrace/contracts/millrace/type/v1/value';
import type { Handlers, RequestOf } from './definition.js';

/** A service with every kind of call, of messages that the contracts have: int64, times, maps and a oneof are among them. */
export const ProbeDefinition = {
  name: 'Probe',
  fullName: 'millrace.fixture.v1.Probe',
  methods: {
    echo: { name: 'Echo', requestType: Row as typeof Row, requestStream: false, responseType: Row as typeof Row, responseStream: false, options: {} },
    inner: { name: 'Inner', requestType: Row as typeof Row, requestStream: false, responseType: Row as typeof Row, responseStream: false, options: {} },
    watch: { name: 'Watch', requestType: MetricPoint as typeof MetricPoint, requestStream: false, responseType: MetricPoint as typeof MetricPoint, responseStream: true, options: {} },
    sum: { name: 'Sum', requestType: MetricPoint as typeof MetricPoint, requestStream: true, responseType: MetricPoint as typeof MetricPoint, responseStream: false, options: {} },
    talk: { name: 'Talk', requestType: MetricPoint as typeof MetricPoint, requestStream: true, responseType: MetricPoint as typeof MetricPoint, responseStream: true, options: {} },
  },
} as const;

export type ProbeHandlers = Handlers<typeof ProbeDefinition>;
export type Point = RequestOf<(typeof ProbeDefinition)['methods']['watch']>;

export const point = (step: bigint, key = 'loss'): Point => ({ key, step, value: Number(step) / 2, time: undefined });

/** The plain meaning of each call; a spec replaces what it is about. */
export const plainHandlers: ProbeHandlers = {
  echo: async (row) => row,
  inner: async (row) => row,
  async *watch({ step }) {
    for (let i = 0n; i < step; i++) yield point(i);
  },
  async sum(points) {
    let step = 0n;
    for await (const given of points) step += given.step;
    return point(step);
  },
  async *talk(points) {
    for await (const { step } of points) yield point(step * 2n);
  },
};
