import ts from 'typescript';
import { code, table } from './markdown.mjs';
import { constant, members, parse, plain, sourceFiles, sourceText, textOf, walk } from './source-files.mjs';

/**
 * Every error that the sources declare: the tables that `defineErrors` is given, and the few that are made by hand.
 * Throws where a part that should be a text in the source is none, so that nothing is left out in silence.
 */
export const declaredErrors = () => (declared ??= findErrors());
let declared;

function findErrors() {
  const found = new Map();
  const add = (error) => {
    const key = `${error.domain} ${error.reason}`;
    if (!found.has(key)) found.set(key, error);
    else if (error.byHand !== true) throw new Error(`${key} is declared in ${found.get(key).file} and in ${error.file}.`);
  };
  for (const path of sourceFiles().filter((each) => MAY_DECLARE.test(sourceText(each)))) {
    const file = parse(path);
    walk(file, (node) => {
      if (isCallOf(node, 'defineErrors')) for (const error of errorsOfTable(node, file)) add({ ...error, file: path });
      if (ts.isNewExpression(node) && node.expression.getText(file) === 'AppError') for (const error of errorByHand(node.arguments ?? [], file)) add({ ...error, file: path });
      if (ts.isObjectLiteralExpression(node)) for (const error of errorAsObject(node, file)) add({ ...error, file: path });
    });
  }
  return [...found.values()].map((error) => ({ ...error, raised: error.byHand === true || isUsed(error) }));
}

/** What a file must say to be worth a look. */
const MAY_DECLARE = /defineErrors\(|new AppError\(|\breason\b/;

/** Whether some file of the same project takes the error from its table. */
function isUsed({ file, reason }) {
  const project = file.split('/').slice(0, 2).join('/');
  const use = new RegExp(`\\.${reason}\\b`);
  return sourceFiles().some((path) => path.startsWith(`${project}/`) && use.test(sourceText(path)));
}

/** The tables of docs/errors.md, one a domain. */
export function renderErrors() {
  const byDomain = Map.groupBy(declaredErrors(), ({ domain }) => domain);
  return [...byDomain]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([domain, errors]) => {
      const files = [...new Set(errors.map(({ file }) => file))].map((file) => `[${file}](../${file})`).join(', ');
      return `### ${domain}\n\n${files}\n\n${table(['reason', 'code', 'message'], errors.map(({ reason, code: status, message, raised }) => [code(reason), status, raised ? message : `${message} (Nothing raises it yet.)`]))}`;
    })
    .join('\n\n');
}

/** What each code asks of a caller, with its HTTP status and the exit code of the command line. */
export function renderCodes() {
  const exits = Object.fromEntries([...members(objectIn('apps/cli/src/exit-code.ts', 'EXIT'))].map(([name, value]) => [name, value.getText()]));
  const exitOf = members(objectIn('apps/cli/src/exit-code.ts', 'OF_CODE'));
  const statusOf = members(objectIn('libs/service/src/http-errors.ts', 'HTTP_STATUS'));
  const raised = new Set(declaredErrors().map((error) => error.code));
  const rows = codes().map((name) => {
    const advice = ADVICE[name];
    const exit = exits[exitOf.get(name)?.getText().split('.').at(-1) ?? ''];
    if (advice === undefined || exit === undefined || !statusOf.has(name)) throw new Error(`${name} has no advice in tools/docs/error-tables.mjs, no HTTP status or no exit code.`);
    return [code(name), statusOf.get(name).getText(), exit, raised.has(name) ? advice : `${advice} Nothing raises it yet.`];
  });
  return table(['code', 'HTTP', 'exit', 'what the caller should do'], rows);
}

const ADVICE = {
  INVALID_ARGUMENT: 'Correct the request; the same one will fail again.',
  NOT_FOUND: 'Name something that exists, or make it first.',
  ALREADY_EXISTS: 'Choose another name, or use what is there.',
  FAILED_PRECONDITION: 'Bring the system into the state that the message asks for, then call again.',
  ABORTED: 'Somebody else was faster, or the work was cancelled: read again and repeat.',
  PERMISSION_DENIED: 'Ask for something that is allowed.',
  UNAUTHENTICATED: 'Say who you are.',
  RESOURCE_EXHAUSTED: 'Free space or memory, or ask for less.',
  DEADLINE_EXCEEDED: 'Ask for less, or allow more time.',
  UNAVAILABLE: 'Make the very same call again, after a pause.',
  CANCELLED: 'Nothing: the caller asked for it.',
  INTERNAL: 'A fault of ours: look at the log and report it.',
};

/** The union `Code` of libs/core. */
function codes() {
  const file = parse('libs/core/src/errors.ts');
  const union = file.statements.find((statement) => ts.isTypeAliasDeclaration(statement) && statement.name.text === 'Code');
  return union.type.types.map(({ literal }) => literal.text);
}

function objectIn(path, name) {
  const value = constant(parse(path), name);
  if (!value || !ts.isObjectLiteralExpression(value)) throw new Error(`${path} has no object ${name} any more.`);
  return value;
}

function errorsOfTable({ arguments: [domainNode, tableNode] }, file) {
  const domain = textOf(domainNode, file);
  const entries = tableNode && ts.isObjectLiteralExpression(tableNode) ? [...members(tableNode)] : [];
  if (domain === undefined || entries.length === 0) throw new Error(`A call of defineErrors in ${file.fileName} does not name its domain and table in the source.`);
  return entries.map(([reason, value]) => {
    const parts = members(value);
    const [status, message] = [parts.get('code'), parts.get('message')].map((part) => part && textOf(part, file));
    if (status === undefined || message === undefined) throw new Error(`${file.fileName}: ${reason} has no code or message that can be read in the source.`);
    return { domain, reason, code: status, message };
  });
}

const BY_HAND = ['code', 'domain', 'reason', 'message'];

function errorByHand(parts, file) {
  const [status, domain, reason, message] = parts.map((part) => textOf(part, file));
  return errorOf({ code: status, domain, reason, message: message ?? '(says what went wrong)' });
}

function errorAsObject(node, file) {
  const parts = members(node);
  if (!BY_HAND.every((name) => parts.has(name))) return [];
  return errorOf(Object.fromEntries(BY_HAND.map((name) => [name, textOf(plain(parts.get(name)), file)])));
}

/** An error that passes on what it was given has no texts of its own, and is declared elsewhere. */
const errorOf = (error) => (error.code === undefined || error.domain === undefined || error.reason === undefined ? [] : [{ ...error, byHand: true }]);

const isCallOf = (node, name) => ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === name;
