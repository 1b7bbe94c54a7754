import { fromJson, toJson } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messages, registry } from '../../apps/gateway/src/json/messages.fixture.js';
import { routedRpcs } from './routes.mjs';
import { typeNameOf } from './source-file.mjs';

const GEN = '../../libs/client/src/gen';
const roots = [...new Set(routedRpcs(registry).flatMap(({ rpc }) => [rpc.input, rpc.output]))];

describe.each(roots.map((desc) => [desc.typeName, desc]))('%s', (_, desc) => {
  it('comes through the client as @bufbuild/protobuf has it', async () => {
    const codec = (await import(`${GEN}/${desc.file.name}.ts`))[typeNameOf(desc)];
    fc.assert(
      fc.property(messages(desc), (message) => {
        const known = toJson(desc, message, { registry });
        const read = codec.read(JSON.parse(JSON.stringify(known)));
        const written = JSON.parse(JSON.stringify(codec.write(read)));
        expect(toJson(desc, fromJson(desc, written, { registry }), { registry })).toEqual(known);
      }),
      { numRuns: 20 },
    );
  });
});
