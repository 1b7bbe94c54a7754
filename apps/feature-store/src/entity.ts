import { type Column, type ColumnType, resourceName } from '@millrace/core';
import { checkDescribed, type Described } from './described.js';
import { errors } from './errors.js';

export const entityName = resourceName('entities/{entity}');
/** Types whose values have one text each: a double such as 1 has two, "1" and "1.0". */
export const KEY_TYPES: readonly ColumnType[] = ['STRING', 'INT64', 'BOOL'];

/** A thing that features describe, told apart by its join keys. */
export interface Entity extends Described {
  readonly entity: string;
  readonly joinKeys: readonly Column[];
}

/** Finds contradictions in an entity; throws INVALID_DEFINITION and names the place. */
export function checkEntity(entity: Entity): Entity {
  const fault = (place: string, why: string): Error => errors.INVALID_DEFINITION({ name: entityName.format(entity), place, why });
  checkDescribed(entity, fault);
  if (entity.joinKeys.length === 0) throw fault('join_keys', 'an entity is told apart by at least one key');
  const names = new Set<string>();
  for (const { name, type } of entity.joinKeys) {
    if (name === '') throw fault('join_keys', 'a key has no name');
    if (names.has(name)) throw fault(`join_keys.${name}`, 'the name stands twice');
    names.add(name);
    if (!KEY_TYPES.includes(type)) throw fault(`join_keys.${name}`, `a key is ${KEY_TYPES.join(', ')}: values of type ${type} have more than one text`);
  }
  return entity;
}
