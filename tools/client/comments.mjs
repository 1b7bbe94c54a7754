/** What a contract says above a declaration, as one line; empty where it says nothing. */
export function commentOf(desc) {
  const { file } = desc.kind === 'message' || desc.kind === 'enum' || desc.kind === 'service' ? desc : desc.parent;
  const place = placeOf(desc).join('.');
  const found = file.proto.sourceCodeInfo?.location.find(({ path }) => path.join('.') === place);
  return found?.leadingComments.replaceAll(/\s+/g, ' ').trim() ?? '';
}

/** A comment as TypeScript has it, above a line with that indent. */
export const docOf = (comment, indent = '') => (comment === '' ? '' : `${indent}/** ${comment.replaceAll('*/', '* /')} */\n`);

/** Places are paths of field numbers of descriptor.proto. */
function placeOf(desc) {
  const { parent } = desc;
  switch (desc.kind) {
    case 'message':
      return parent ? [...placeOf(parent), 3, parent.nestedMessages.indexOf(desc)] : [4, desc.file.messages.indexOf(desc)];
    case 'enum':
      return parent ? [...placeOf(parent), 4, parent.nestedEnums.indexOf(desc)] : [5, desc.file.enums.indexOf(desc)];
    case 'service':
      return [6, desc.file.services.indexOf(desc)];
    case 'field':
      return [...placeOf(parent), 2, parent.fields.indexOf(desc)];
    case 'rpc':
      return [...placeOf(parent), 2, parent.methods.indexOf(desc)];
    default:
      throw new Error(`A ${desc.kind} has no comment here.`);
  }
}
