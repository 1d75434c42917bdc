import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { toTemplate } from '../../src/openapi/parameters.js';
import type { Route } from '../../src/routes/route.js';

const PAGE = new URL('../../../../docs/API.md', import.meta.url);
const BEGIN = '<!-- operations: written by UPDATE_DOCS=1 vitest run openapi -->';
const END = '<!-- end of operations -->';
const ACCESS = {
  public: 'everybody',
  readable: 'readers',
  'signed-in': 'signed in',
  admin: 'admins',
} as const;

/** The table of operations as the routes say it, and as the page for people holds it. */
export async function compareApiPage(
  routes: readonly Route[],
): Promise<{ expected: string; actual: string }> {
  const page = await readFile(PAGE, 'utf8');
  const rows = routes.map(
    ({ method, path, operation }) =>
      `| \`${method.toUpperCase()} ${toTemplate(path)}\` | \`${operation.id}\` | ${operation.summary} | ${ACCESS[operation.access]} |`,
  );
  const table = ['| endpoint | operation | what it does | who may |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
  const options = { ...(await resolveConfig(PAGE)), parser: 'markdown' };
  const expected = await format(`${BEGIN}\n\n${table}\n\n${END}\n`, options);
  const [start, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  const actual = start === -1 ? '' : `${page.slice(start, end + END.length)}\n`;
  if (process.env['UPDATE_DOCS'] === undefined || start === -1) return { expected, actual };
  await writeFile(PAGE, page.replace(actual, expected));
  return { expected, actual: expected };
}
