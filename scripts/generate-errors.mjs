// Writes docs/ERRORS.md from the tables of codes; with --check, fails when the file is not what it would write.
import { join } from 'node:path';
import { loadTypeScript } from '../packages/cli/load-typescript.mjs';
import { ROOT } from './lib/prepare.mjs';
import { writeGenerated } from './lib/write-generated.mjs';

const { PROBLEMS, LOCAL, findExplanation } = await loadTypeScript(`
  export { PROBLEMS } from '@sheaf/client/contract';
  export { LOCAL, findExplanation } from './src/explain/explain.ts';
`);
const rows = Object.entries(PROBLEMS).map(
  ([code, { status, title, retryable, remedy }]) =>
    `| \`${code}\` | ${status} | ${title}${retryable ? ' (try again later)' : ''} | ${remedy} |`,
);
const local = [...LOCAL.keys()]
  .sort()
  .map(findExplanation)
  .map(
    ({ code, what, why, todo, exitCode }) =>
      `| \`${code}\` | ${exitCode} | ${what} | ${why} | ${escape(todo)} |`,
  );
const text = `# Errors

Every error has a stable code, which is never renamed and never used for something else. \`sheaf help CODE\` says on the command line what stands here, and a registry at \`/errors/CODE\`, to which the \`type\` of a problem leads, what it answers itself.

## Of the registry

Every error is answered as problem details (RFC 9457), \`application/problem+json\`, with a stable \`code\`, one line of \`detail\` that says what was wrong and where, a \`remedy\`, and a \`requestId\` that is also in the
header \`X-Request-Id\` and in the registry's log. \`errors\` lists every single finding where there are several, such as the diagnostics of a definition with file, line and column.

| code | status | what happened | what to do |
|---|---|---|---|
${rows.join('\n')}

## Of the command line and the library

These arise on the machine that asks: before a request, or when the answer does not hold. The exit code is that of the command line; where something fetched fails its checks it is always 3. Findings in a definition have codes
as well, which \`sheaf validate\` shows with their place, and \`sheaf help CODE\` explains.

| code | exit | what happened | why | what to do |
|---|---|---|---|---|
${local.join('\n')}
`;
await writeGenerated(new Map([[join(ROOT, 'docs', 'ERRORS.md'), text]]), { script: 'generate-errors.mjs' });

/** A bar would end the cell. */
function escape(cell) {
  return cell.replaceAll('|', '\\|');
}
