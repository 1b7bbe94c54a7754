import { expect, it } from 'vitest';
import { compileProtos, messageOf, shapeOf } from './proto-compiler.fixture.js';
import { commentAbove, protoText } from './proto-text.js';

const EVENT = `syntax = "proto3";
package team.shop.v1;
import "google/protobuf/timestamp.proto";
import "team/kind/v1/kind.proto";
// Somebody has
// ordered.
message Ordered {
  reserved 4, 7 to 9;
  reserved "price";
  // Who.
  Person person = 1;
  team.kind.v1.Person.Role role = 2;
  optional sint64 amount = 3;
  map<string, team.kind.v1.Kind> kinds = 5;
  repeated Ordered parts = 6;
  oneof payment {
    // In coins.
    bytes cash = 10;
    google.protobuf.Timestamp later = 11;
  }
}
message Person { message Name { string text = 1; } Name name = 1; team.kind.v1.Person other = 2; }
message Unused { string text = 1; }
`;
const KIND = `syntax = "proto3";
package team.kind.v1;
enum Kind { KIND_UNSPECIFIED = 0; KIND_BREAD = 5; }
message Person { enum Role { ROLE_UNSPECIFIED = 0; ROLE_BUYER = 1; } Role role = 1; fixed32 number = 2; }
`;

it('is one file with everything a message needs, of whatever package, with comments, and nothing else', async () => {
  const types = await compileProtos({ 'team/shop/v1/event.proto': EVENT, 'team/kind/v1/kind.proto': KIND });
  const ordered = messageOf(types, 'team.shop.v1.Ordered');
  const text = protoText(ordered);
  expect(shapeOf(messageOf(await compileProtos({ 'event.proto': text }), 'team.shop.v1.Ordered'))).toEqual(shapeOf(ordered));
  // Of two that are called alike, the one from elsewhere has its whole name.
  expect(text).toContain('  TeamKindV1Person.Role role = 2;');
  expect(text.match(/^(?:message|enum) \w+/gm)).toEqual(['message Ordered', 'message Person', 'message TeamKindV1Person', 'enum Kind']);
  expect(text.match(/^import .*$/gm)).toEqual(['import "google/protobuf/timestamp.proto";']);
  for (const line of ['// Somebody has\n// ordered.\nmessage Ordered {', '  // Who.\n  Person person = 1;', '    // In coins.\n    bytes cash = 10;', '  reserved 4;\n  reserved 7 to 9;\n  reserved "price";']) expect(text).toContain(line);
  expect(commentAbove(ordered)).toBe('Somebody has ordered.');
});
