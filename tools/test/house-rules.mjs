const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;

const fileName = {
  meta: { type: 'suggestion', messages: { name: 'Name the file in kebab-case, after the noun it holds and its role, not "{{name}}".' }, schema: [] },
  create: (context) => ({
    Program(node) {
      const name = context.filename.split(/[\\/]/).at(-1) ?? '';
      if (!KEBAB_CASE.test(name)) context.report({ node, messageId: 'name', data: { name } });
    },
  }),
};

const reasonedException = {
  meta: { type: 'suggestion', messages: { reason: 'A lint exception names its reason: `eslint-disable-next-line rule -- because …`.' }, schema: [] },
  create: (context) => ({
    Program() {
      for (const comment of context.sourceCode.getAllComments()) {
        if (/^\s*eslint-disable/.test(comment.value) && !/\s--\s+\S/.test(comment.value)) context.report({ loc: comment.loc, messageId: 'reason' });
      }
    },
  }),
};

/** The rules of this house that no package has. */
export const houseRules = { rules: { 'file-name': fileName, 'reasoned-exception': reasonedException } };
