import { type Column, resourceName } from '@millrace/core';
import { checkDescribed, type Described } from './described.js';
import { errors } from './errors.js';
import { KEY_TYPES } from './feature-view.js';

export const entityName = resourceName('entities/{entity}');

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
