import type { Store } from '@millrace/store';
import { EMPTY, type OnlineTables, toMicros } from './online.store.js';

/** Tells views whose values did not come with them from another home. */
export class MovedViews {
  constructor(private readonly store: Store<OnlineTables>) {}

  /** Whether nothing is known of what the values of a view are made of, wherever values are kept. */
  async lacksValues(view: string): Promise<boolean> {
    const [state, filling] = await Promise.all([
      this.store.db.selectFrom('online_state').select('view').where('view', '=', view).executeTakeFirst(),
      this.store.db.selectFrom('online_filling').select('view').where('view', '=', view).executeTakeFirst(),
    ]);
    return state === undefined && filling === undefined;
  }

  /** Whether a push of rows that were known at or after a microsecond is no longer kept: values that are made without it would be wrong. */
  async hasForgotten(view: string, from: number): Promise<boolean> {
    const row = await this.store.db.selectFrom('online_push').select('sequence').where('view', '=', view).where('known_through', '>=', toMicros(from)).where('body', '=', EMPTY).limit(1).executeTakeFirst();
    return row !== undefined;
  }
}
