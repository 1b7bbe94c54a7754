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

/** Functions of DuckDB that Spark calls otherwise, has not, or takes other arguments for. */
const ENGINE_FUNCTIONS = new RegExp(
  [
    /\b(?:read_(?:parquet|csv|json|text|blob)\w*|parquet_\w*metadata|epoch_(?:us|ms|ns)|make_timestamp|to_(?:micro|milli)?seconds|date_(?:diff|sub)|time_bucket|(?:try_)?strptime)\(/,
    /\b(?:quantile_(?:disc|cont)|approx_quantile|fsum|arg_(?:max|min)|histogram|isfinite|regexp_\w+|starts_with|ends_with|strlen)\(/,
    /\b(?:list_\w+|len|json_(?:keys|valid|type|array_length|extract\w*)|array_to_string|struct_pack|map_(?:keys|values))\(/,
    // SQLite has one as well, and gives it the format first.
    /\bstrftime\((?!')/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
);

/** What else only DuckDB says. SQL that both say may stand anywhere. */
const ENGINE_WORDS = new RegExp(
  [
    // PostgreSQL unnests a parameter.
    /\bhash\(|\bunnest\((?!\$|$)|\bCOLUMNS\(|\blambda \w+:|\{'\w+':|\bE'\\/,
    /\bASOF\b|\*\s*(?:EXCLUDE|REPLACE)\s*\(|\bfile_row_number\b|\bUNION ALL BY NAME\b|\bAT TIME ZONE\b|\bDESCRIBE SELECT\b|\bCOPY \(|\bUSING SAMPLE\b/,
    /\b(?:U?HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|TIMESTAMPTZ|TIMESTAMP_(?:S|MS|NS))\b|::[A-Z]{3,}/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

const engineText = {
  meta: { type: 'problem', messages: { engine: 'Only DuckDB says "{{text}}": ask the dialect (`engine` of @millrace/tables, or that of libs/plan), so that another engine is another table there.' }, schema: [] },
  create: (context) => {
    const look = (node, text) => {
      const [found] = ENGINE_FUNCTIONS.exec(text) ?? ENGINE_WORDS.exec(text) ?? [];
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
