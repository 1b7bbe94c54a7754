import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT } from './root.mjs';

const FENCED = /^(```|~~~)[\s\S]*?^\1/gm;
const CODE = /`[^`\n]*`/g;
const LINK = /\[[^\]]*\]\(<?([^()<>\s]+)>?(?:\s+"[^"]*")?\)/g;
const OUTSIDE = /^[a-z][a-z0-9+.-]*:/i;

/** The links of a page that lead nowhere: to a file that is not there, or to a heading that its page does not have. Addresses of the web are not asked. */
export function brokenLinks(path, text) {
  return [...prose(text).matchAll(LINK)].map(([, target]) => target).filter((target) => !OUTSIDE.test(target) && !leadsSomewhere(path, text, target));
}

function leadsSomewhere(path, text, target) {
  const [file = '', heading] = target.split('#');
  const place = file === '' ? path : normalize(join(dirname(path), decodeURIComponent(file)));
  if (place.startsWith('..') || !existsSync(join(ROOT, place))) return false;
  if (heading === undefined) return true;
  return place.endsWith('.md') && anchorsOf(file === '' ? text : readFileSync(join(ROOT, place), 'utf8')).has(heading);
}

/** The anchors that GitHub gives the headings of a page. */
const anchorsOf = (text) =>
  new Set(
    [...text.replaceAll(FENCED, '').matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );

const prose = (text) => text.replaceAll(FENCED, '').replaceAll(CODE, '');
