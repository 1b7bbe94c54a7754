/** Errors that nobody can bring about by calling the services, why not, and the spec that brings them about. */
export interface Unprovoked {
  readonly domain: string;
  readonly reasons: readonly string[];
  readonly why: string;
  /** Path from the root of the repository; it names each of the reasons. */
  readonly spec: string;
}

export const UNPROVOKED: readonly Unprovoked[] = [];
