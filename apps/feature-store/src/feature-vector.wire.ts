import { type FeatureVector, FeatureVector_Status } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { toValueMessage } from '@millrace/service';
import { toDate } from './definition.wire.js';
import type { FeatureStatus, FeatureValue } from './online/view-answers.js';

const STATUSES: Record<FeatureStatus, FeatureVector_Status> = { PRESENT: FeatureVector_Status.PRESENT, NOT_FOUND: FeatureVector_Status.NOT_FOUND, EXPIRED: FeatureVector_Status.EXPIRED };

/** The features of one key as they travel. Features of one view have the same newest row, so that each event time goes once, and a byte for each value says which. */
export function toVector(values: readonly FeatureValue[]): FeatureVector {
  const eventTimes: Date[] = [];
  const places = new Map<number | undefined, number>([[undefined, 0]]);
  const placeOf = (eventTime: number | undefined): number => {
    const known = places.get(eventTime);
    if (known !== undefined) return known;
    const date = toDate(eventTime);
    const place = date ? eventTimes.push(date) : 0;
    places.set(eventTime, place);
    return place;
  };
  return { values: values.map(({ value }) => toValueMessage(value)), statuses: values.map(({ status }) => STATUSES[status]), eventTimePlaces: values.map(({ eventTime }) => placeOf(eventTime)), eventTimes };
}
