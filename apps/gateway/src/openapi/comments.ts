import type { DescEnum, DescEnumValue, DescField, DescFile, DescMessage, DescMethod, DescService } from '@bufbuild/protobuf';

/** Field numbers of descriptor.proto, by which the places of comments are numbered. */
const PLACE = { messages: 4, enums: 5, services: 6, fields: 2, methods: 2, values: 2, nestedMessages: 3, nestedEnums: 4 } as const;

type Commented = DescMessage | DescField | DescEnum | DescEnumValue | DescService | DescMethod;

/** What a contract says of itself: the comment above a declaration, as one line; empty where there is none. */
export class Comments {
  readonly #files = new Map<DescFile, ReadonlyMap<string, string>>();

  of(desc: Commented): string {
    const { file } = desc.kind === 'enum_value' || desc.kind === 'rpc' || desc.kind === 'field' ? desc.parent : desc;
    return this.#of(file).get(placeOf(desc).join('.')) ?? '';
  }

  #of(file: DescFile): ReadonlyMap<string, string> {
    const known = this.#files.get(file);
    if (known) return known;
    const made = new Map((file.proto.sourceCodeInfo?.location ?? []).filter(({ leadingComments }) => leadingComments !== '').map(({ path, leadingComments }) => [path.join('.'), leadingComments.replaceAll(/\s+/g, ' ').trim()]));
    this.#files.set(file, made);
    return made;
  }
}

function placeOf(desc: Commented): readonly number[] {
  switch (desc.kind) {
    case 'message':
      return desc.parent ? [...placeOf(desc.parent), PLACE.nestedMessages, desc.parent.nestedMessages.indexOf(desc)] : [PLACE.messages, desc.file.messages.indexOf(desc)];
    case 'enum':
      return desc.parent ? [...placeOf(desc.parent), PLACE.nestedEnums, desc.parent.nestedEnums.indexOf(desc)] : [PLACE.enums, desc.file.enums.indexOf(desc)];
    case 'service':
      return [PLACE.services, desc.file.services.indexOf(desc)];
    case 'rpc':
      return [...placeOf(desc.parent), PLACE.methods, desc.parent.methods.indexOf(desc)];
    case 'field':
      return [...placeOf(desc.parent), PLACE.fields, desc.parent.fields.indexOf(desc)];
    case 'enum_value':
      return [...placeOf(desc.parent), PLACE.values, desc.parent.values.indexOf(desc)];
  }
}
