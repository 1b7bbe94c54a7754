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

/** What DuckDB says, and Spark in other words or not at all. SQL that both say may stand anywhere. */
const ENGINE_TEXT = new RegExp(
  [
    /\b(?:read_(?:parquet|csv|json)\w*|epoch_(?:us|ms)|make_timestamp|quantile_(?:disc|cont)|approx_quantile|fsum|isfinite|regexp_(?:full_match|matches)|(?:try_)?strptime|histogram|struct_pack)\(/,
    /\b(?:list_\w+|json_(?:keys|valid|type|extract\w*)|array_to_string|map_(?:keys|values))\(/,
    /\bhash\(|\bunnest\(\[|\bCOLUMNS\(|\blambda \w+:/,
    /\bASOF\b|\*\s*(?:EXCLUDE|REPLACE)\s*\(|\bfile_row_number\b|\bUNION ALL BY NAME\b/,
    /\b(?:HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|TIMESTAMPTZ)\b|::[A-Z]{3,}/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

const engineText = {
  meta: { type: 'problem', messages: { engine: 'Only DuckDB says "{{text}}": ask the dialect (`engine` of @millrace/tables, or that of libs/plan), so that another engine is another table there.' }, schema: [] },
  create: (context) => {
    const look = (node, text) => {
      const [found] = ENGINE_TEXT.exec(text) ?? [];
      if (found !== undefined) context.report({ node, messageId: 'engine', data: { text: found } });
    };
    return {
      Literal: (node) => typeof node.value === 'string' && look(node, node.value),
      TemplateElement: (node) => look(node, node.value.raw),
    };
  },
};

/** The rules of this house that no package has. */
export const houseRules = { rules: { 'file-name': fileName, 'reasoned-exception': reasonedException, 'engine-text': engineText } };
