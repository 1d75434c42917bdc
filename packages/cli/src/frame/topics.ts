import { listCodes } from '../explain/explain.js';
import { hangText } from '../terminal/text.js';
import { ENVIRONMENT } from './environment.js';
import { EXIT_MEANINGS } from './exit-codes.js';
import { renderAllVerbs } from './top-help.js';

/** A page of `sheaf help TOPIC`. */
export interface Topic {
  readonly name: string;
  readonly summary: string;
  readonly render: (columns: number | undefined) => string;
}

export const TOPICS: readonly Topic[] = [
  { name: 'all', summary: 'every verb', render: renderAllVerbs },
  { name: 'exit-codes', summary: 'what sheaf ends with', render: renderExitCodes },
  { name: 'environment', summary: 'variables that it reads', render: renderEnvironment },
  { name: 'references', summary: 'how workflows and versions are named', render: renderReferences },
  { name: 'json', summary: 'what --json prints', render: renderJson },
  {
    name: 'codes',
    summary: 'every code of an error or finding',
    render: () => `${listCodes().join('\n')}\n`,
  },
  { name: 'topics', summary: 'this list', render: renderTopics },
];

function renderTopics(columns: number | undefined): string {
  return page(
    table(
      TOPICS.map(({ name, summary }) => [`sheaf help ${name}`, summary]),
      columns,
    ),
  );
}

function renderExitCodes(columns: number | undefined): string {
  const rows = Object.entries(EXIT_MEANINGS).map(([code, meaning]): Row => [code, meaning]);
  return page([
    ...paragraph('What every verb ends with; VERB --help lists those of one verb.', columns),
    '',
    ...table(rows, columns),
    '',
    ...paragraph(
      'An error on stderr, and the one document that --json prints instead of an answer, have a stable code as well: sheaf help CODE says what it means.',
      columns,
    ),
  ]);
}

function renderEnvironment(columns: number | undefined): string {
  return page([
    ...paragraph('Flags beat variables, variables beat sheaf.toml, which beats config.toml.', columns),
    '',
    ...table(
      ENVIRONMENT.map(({ name, meaning }): Row => [name, meaning]),
      columns,
    ),
    '',
    ...paragraph('No step of a workflow gets a variable that begins with SHEAF_.', columns),
  ]);
}

function renderReferences(columns: number | undefined): string {
  const rows: readonly Row[] = [
    ['acme/deploy', 'the latest version'],
    ['acme/deploy@1.2.0', 'this version'],
    ['acme/deploy@^1.2', 'the newest that the range allows'],
    ['acme/deploy@beta', 'what the channel points at'],
    ['acme/deploy@sha256:…', 'exactly these bytes'],
    ['corp:acme/deploy@^1', 'of the registry that is configured under this name'],
    ['deploy', 'what sheaf.toml calls so, in the version that sheaf.lock holds'],
    ['./deploy', 'a folder of your own: it runs unsigned, and says so'],
    ['deploy.sheaf', 'a file that carries a release with its proofs'],
  ];
  return page([
    ...paragraph(
      'A workflow is namespace/name, each of lower-case letters, digits and dashes. Behind an @ stands which version is meant.',
      columns,
    ),
    '',
    ...table(rows, columns),
    '',
    ...paragraph(
      'A name that two configured registries hold is an error that lists both, never the first match.',
      columns,
    ),
  ]);
}

function renderJson(columns: number | undefined): string {
  return page([
    ...paragraph(
      'With --json a verb prints one document on stdout, whose first key names it: "schema": "sheaf.search/1". Everything else goes to stderr, and exit codes are the same.',
      columns,
    ),
    '',
    ...table(
      [
        ['a failure', 'prints one sheaf.error/1 instead: code, message, help, evidence, exitCode'],
        ['run, audit-log', 'and others that go on for a while print an event a line before it'],
        ['--json=1', 'holds to version 1: a release that no longer prints it refuses, exit 2'],
        ['schemas', 'schemas/NAME.schema.json of the package, JSON Schema draft 2020-12'],
      ],
      columns,
    ),
    '',
    ...paragraph(
      'Within a version fields are only ever added: read what you know, and ignore the rest.',
      columns,
    ),
  ]);
}

type Row = readonly [left: string, right: string];

function table(rows: readonly Row[], columns: number | undefined): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.flatMap(([left, right]) => hangText(`  ${left.padEnd(width)}`, right, columns));
}

function paragraph(text: string, columns: number | undefined): readonly string[] {
  return hangText('', text, columns);
}

function page(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
