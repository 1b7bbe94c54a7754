/** An event as it lies on the bus: CloudEvents 1.0 in binary mode, with its attributes in `ce_*` headers. */
export interface EventRecord {
  readonly topic: string;
  /** Records of one key keep their order. */
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** What each record must carry to be told apart and read: the attributes that CloudEvents requires, and how the value is written. */
export const EVENT_HEADERS = ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'content-type'] as const;
