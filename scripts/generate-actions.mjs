// Writes the tables of docs/ACTIONS.md from the manifests of the actions; what stands before the mark is written by hand. With
// --check, fails when the file is not what it would write.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTypeScript } from '../packages/cli/load-typescript.mjs';
import { ROOT } from './lib/prepare.mjs';
import { writeGenerated } from './lib/write-generated.mjs';

const MARK = '<!-- from here on made by scripts/generate-actions.mjs -->';
const { BUILT_IN_ACTIONS } = await loadTypeScript(`export { BUILT_IN_ACTIONS } from '@sheaf/workflow';`);

const path = join(ROOT, 'docs', 'ACTIONS.md');
const [prose] = readFileSync(path, 'utf8').split(MARK);
const parts = Object.values(BUILT_IN_ACTIONS).map(describe);
await writeGenerated(new Map([[path, `${prose}${MARK}\n\n${parts.join('\n\n')}\n`]]), {
  script: 'generate-actions.mjs',
});

function describe({
  name,
  version,
  description,
  deprecated,
  inputs,
  otherInputs,
  outputs,
  otherOutputs,
  permissions,
}) {
  const { network = [], hosts = [], exec = [], programs = [], read = [], write = [] } = permissions;
  const touches = [
    ...network.map((input) => `reaches the host of \`${input}\``),
    ...hosts.map((host) => `reaches \`${host}\``),
    ...exec.map(
      (program) =>
        `starts ${[program]
          .flat()
          .map((each) => `\`${each}\``)
          .join(' or ')}`,
    ),
    ...programs.map((input) => `starts the program of \`${input}\``),
    ...read.map((input) => `reads \`${input}\``),
    ...write.map((input) => `writes \`${input}\``),
  ];
  return [
    `### ${name} ${version}`,
    `${description}.`,
    ...(deprecated === undefined ? [] : [`**Deprecated** since ${deprecated.since}: ${deprecated.reason}.`]),
    table('input', { ...inputs, ...(otherInputs && { '…': otherInputs }) }),
    table('output', { ...outputs, ...(otherOutputs && { '…': otherOutputs }) }),
    ...(touches.length === 0 ? [] : [`It ${touches.join(', ')}.`]),
  ].join('\n\n');
}

function table(title, fields) {
  const rows = Object.entries(fields).map(
    ([name, field]) => `| \`${name}\` | ${typeOf(field)} | ${textOf(field)} |`,
  );
  return `| ${title} | type | meaning |\n|---|---|---|\n${rows.join('\n')}`;
}

function typeOf({ type, values, items, fields }) {
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(' ');
  if (items !== undefined) return `${type} of ${typeOf(items)}`;
  if (fields === undefined) return type;
  return `map with ${Object.keys(fields)
    .map((name) => `\`${name}\``)
    .join(' ')}`;
}

function textOf({ description = '', required, secret, default: byDefault }) {
  const notes = [
    ...(required === true ? ['**required**'] : []),
    ...(byDefault === undefined || ['""', '[]', '{}'].includes(JSON.stringify(byDefault))
      ? []
      : [`default \`${JSON.stringify(byDefault)}\``]),
    ...(secret === true ? ['may hold a secret'] : []),
  ];
  return [description, ...notes]
    .filter((part) => part !== '')
    .join('; ')
    .replaceAll('|', '\\|');
}
