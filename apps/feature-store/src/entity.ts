import { type Column, resourceName } from '@millrace/core';

export const entityName = resourceName('entities/{entity}');

/** A thing that features describe, told apart by its join keys. */
export interface Entity {
  readonly entity: string;
  readonly description: string;
  readonly joinKeys: readonly Column[];
}
