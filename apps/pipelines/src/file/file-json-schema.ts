import { z } from 'zod';
import { pipelineFile } from './pipeline-file.js';

/** One part of a JSON Schema, as far as it is walked here. */
export interface SchemaPart {
  readonly properties?: Readonly<Record<string, SchemaPart>>;
  readonly additionalProperties?: SchemaPart | boolean;
  readonly items?: SchemaPart;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

/** Where editors find the schema of a running home. */
export const SCHEMA_PATH = '/schemas/pipeline-file.json';

let made: (SchemaPart & Readonly<Record<string, unknown>>) | undefined;

/** The JSON Schema (draft 7) of pipeline files as they are written: for completion in editors and for checks before anything is applied. */
export function fileJsonSchema(): SchemaPart & Readonly<Record<string, unknown>> {
  made ??= {
    title: 'Millrace pipeline file',
    ...(z.toJSONSchema(pipelineFile, { io: 'input', target: 'draft-7' }) as SchemaPart),
  };
  return made;
}

/** The part of the schema that stands for a place in a file; undefined where anything goes. */
export function schemaAt(path: readonly PropertyKey[]): SchemaPart | undefined {
  let part: SchemaPart | undefined = fileJsonSchema();
  for (const key of path) {
    const { properties = {}, additionalProperties, items }: SchemaPart = part ?? {};
    if (typeof key === 'number') part = items;
    else part = Object.hasOwn(properties, key) ? properties[String(key)] : typeof additionalProperties === 'object' ? additionalProperties : undefined;
  }
  return part;
}
