/** A file of a source before it is read. */
export interface FoundFile {
  /** Its path below the source's own folder. */
  readonly label: string;
  /** What tells that it is still the one that it was at an earlier run. */
  readonly identity: string;
}
