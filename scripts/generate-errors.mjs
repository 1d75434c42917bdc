// Writes docs/ERRORS.md from the table of problem codes; with --check, fails when the file is not what it would write.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { PROBLEMS } from '../packages/client/dist/contract/index.js';
import { ROOT } from './lib/prepare.mjs';

const path = join(ROOT, 'docs', 'ERRORS.md');
const rows = Object.entries(PROBLEMS).map(
  ([code, { status, title, retryable, remedy }]) =>
    `| \`${code}\` | ${status} | ${title}${retryable ? ' (try again later)' : ''} | ${remedy} |`,
);
const text = `# Errors of the registry

Every error is answered as problem details (RFC 9457), \`application/problem+json\`, with a stable \`code\`, one line of \`detail\` that says what was wrong and where, a \`remedy\`, and a \`requestId\` that is also in the
header \`X-Request-Id\` and in the registry's log. \`errors\` lists every single finding where there are several, such as the diagnostics of a definition with file, line and column. Codes are never renamed and never used for something else.

| code | status | what happened | what to do |
|---|---|---|---|
${rows.join('\n')}
`;
const formatted = await format(text, { ...(await resolveConfig(path)), parser: 'markdown' });
if (process.argv.includes('--check')) {
  if (readFileSync(path, 'utf8') === formatted) process.exit(0);
  console.error('docs/ERRORS.md is out of date: run node scripts/generate-errors.mjs');
  process.exit(1);
}
writeFileSync(path, formatted);
