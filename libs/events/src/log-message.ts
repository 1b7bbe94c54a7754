/** What crosses between the bus and its thread. Records travel as columns and one block of bytes, which is moved, not copied. */

/** Records as columns; the values lie behind each other in `values`. */
export interface PackedRecords {
  readonly keys: readonly string[];
  /** JSON of each record's headers. */
  readonly headers: readonly string[];
  readonly lengths: readonly number[];
  readonly values: Uint8Array<ArrayBuffer>;
}

/** How far a group has come in one partition: `offset` is the next to read. */
export interface OffsetCommit {
  readonly group: string;
  readonly partition: number;
  readonly offset: number;
}

/** One transaction: records, offsets, and heads that are not needed any more. */
export interface AppendRequest {
  readonly file: number;
  readonly topics: readonly string[];
  readonly records: PackedRecords;
  readonly commits: readonly OffsetCommit[];
  readonly drops: readonly { readonly partition: number; readonly before: number }[];
}

/** The partitions that grew, with their new ends. */
export interface AppendReply {
  readonly ends: readonly { readonly partition: number; readonly end: number }[];
}

/** One partition: `id` is unique in its file; records from `start` up to, not including, `end` are there. */
export interface PartitionInfo {
  readonly id: number;
  readonly number: number;
  readonly start: number;
  readonly end: number;
  readonly bytes: number;
}

/** One topic with its partitions in order. */
export interface LogTopic {
  readonly name: string;
  readonly partitions: readonly PartitionInfo[];
}

/** A run of records of one partition; offsets count up from `first`, which is later than asked for when the head was removed. */
export interface ReadReply {
  readonly first: number;
  readonly times: readonly number[];
  readonly records: PackedRecords;
}

/** How much of each topic is kept; see Retention. */
export interface TrimRequest {
  readonly file: number;
  readonly now: number;
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  /** How many times age and size may be exceeded for the sake of a group that has not read yet. */
  readonly hold: number;
  /** Rows to remove at most, so that appends do not wait for long. */
  readonly budget: number;
}

/** What was removed, and of that what some group had not read. */
export interface TrimReply {
  readonly removed: number;
  readonly unread: readonly { readonly topic: string; readonly records: number }[];
}
