// Writes docs/JSON.md and packages/cli/schemas/ from the documents in packages/cli/src/json; with --check, fails when they
// are not what it would write.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fieldsOf, toPublicSchema } from './lib/json-schemas.mjs';
import { loadTypeScript } from '../packages/cli/load-typescript.mjs';
import { ROOT } from './lib/prepare.mjs';
import { writeGenerated } from './lib/write-generated.mjs';

const folder = join(ROOT, 'packages', 'cli', 'src', 'json');
const schemaFolder = join(ROOT, 'packages', 'cli', 'schemas');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -3))
  .sort();
const { documents } = await loadTypeScript(
  [
    ...names.map((name, i) => `import { document as d${i} } from './src/json/${name}.ts';`),
    `export const documents = [${names.map((_, i) => `d${i}`).join(',')}];`,
  ].join('\n'),
);
const schemas = documents.map((document) => ({ ...document, schema: toPublicSchema(document) }));

await writeGenerated(
  new Map([
    ...schemas.map(({ name, schema }) => [join(schemaFolder, `${name}.schema.json`), JSON.stringify(schema)]),
    [join(ROOT, 'docs', 'JSON.md'), reference()],
  ]),
  { script: 'generate-json.mjs', folders: [schemaFolder] },
);

function reference() {
  return `# JSON of the command line

Every verb of \`sheaf\` takes \`--json\` and then prints one document on stdout, whose first key is its name and version: \`"schema": "sheaf.search/1"\`. Everything else goes to stderr. A failure prints one
\`sheaf.error/1\` instead, with the same code and words as the error on stderr, and the exit code says the same as without \`--json\`. \`run\`, \`resume\` and others that go on for a while print an event a line before it.

Within a version, fields are only ever added, and closed lists may grow: read what you know and ignore the rest. \`--json=1\` asks for version 1 by name; a release that no longer prints it would refuse it (exit 2)
instead of printing another. JSON Schemas (draft 2020-12) of all documents come with the package: \`schemas/NAME.schema.json\`. Times are RFC 3339 in UTC; sizes are bytes. A field with \`?\` may be missing.

${schemas.map(section).join('\n')}`;
}

function section({ name, about, schema }) {
  const variants = schema.anyOf ?? [schema];
  return [
    `## \`sheaf.${name}/1\`\n`,
    `${about}\n`,
    ...variants.flatMap((variant, i) => [
      ...(variants.length > 1 ? [i === 0 ? 'Either\n' : '\nor\n'] : []),
      '| field | type | meaning |\n|---|---|---|',
      ...fieldsOf(variant).map(
        ({ path, type, meaning }) => `| \`${path}\` | ${type.replaceAll('|', '\\|')} | ${meaning} |`,
      ),
    ]),
    '',
  ].join('\n');
}
