import type { InfoLocalJson } from '../json/info-local.js';
import { printable } from '../terminal/escape.js';
import type { Style } from '../terminal/style.js';
import { renderTable, type Column } from '../terminal/table.js';
import { formatBytes, plural, sumSizes } from '../terminal/text.js';
import { factColumns, type Fact } from './facts.js';
import { listPermissions } from './permissions.js';

/** What a version holds, whoever says so. */
export type Contents = Pick<
  InfoLocalJson,
  'permissions' | 'parameters' | 'outputs' | 'requirements' | 'steps' | 'files' | 'digest'
> & {
  /** Of the packed bundle, where that is known. */
  readonly blobSizeBytes?: number | undefined;
};

/** `acme/deploy 1.2.0 (latest)  MIT  #git #release`. */
export function renderTitle(
  {
    id,
    version,
    license,
    tags,
  }: {
    readonly id: string;
    readonly version: string;
    readonly license?: string | undefined;
    readonly tags: readonly string[];
  },
  mark: string,
  style: Style,
): string {
  return [
    `${style.bold(`${printable(id)} ${printable(version)}`)}${mark}`,
    printable(license ?? 'no licence given'),
    tags.map((tag) => `#${printable(tag)}`).join(' '),
  ]
    .filter((part) => part !== '')
    .join('  ');
}

/** What it may do, needs, takes, gives and is made of, read with care: nobody has verified it. */
export function listContents(contents: Contents, columns: number | undefined): readonly Fact[] {
  const { outputs, requirements, files, digest, blobSizeBytes } = contents;
  const permissions = listPermissions(contents.permissions);
  const parameters = describeParameters(contents.parameters, factColumns(columns));
  const packed = blobSizeBytes === undefined ? '' : `, packed ${formatBytes(blobSizeBytes)}`;
  const facts: readonly (Fact | undefined)[] = [
    ['may use', permissions.length === 0 ? 'declares no permissions' : permissions.join(' · ')],
    requirements.length === 0 ? undefined : ['needs', requirements.map((each) => printable(each)).join(', ')],
    parameters.length === 0 ? undefined : ['takes', parameters],
    outputs.length === 0 ? undefined : ['gives', outputs.map((each) => printable(each)).join(' · ')],
    ['steps', describeSteps(contents)],
    [
      'files',
      `${plural(files.length, 'file')}, ${formatBytes(sumSizes(files))}${packed} · ${printable(digest)}`,
    ],
  ];
  return facts.filter((fact) => fact !== undefined);
}

function describeSteps({ steps }: Contents): string {
  return steps
    .map(({ id, needs }) =>
      needs.length === 0
        ? printable(id)
        : `${printable(id)} ← ${needs.map((each) => printable(each)).join(', ')}`,
    )
    .join(' · ');
}

const PARAMETER_COLUMNS: readonly Column[] = [{}, { least: 16 }, { least: 12, drop: 1 }];

/** `since  string = "v0"  first tag`: what the registry derived from the definition, read with care. */
function describeParameters(
  parameters: Readonly<Record<string, unknown>>,
  columns: number | undefined,
): readonly string[] {
  const rows = Object.entries(parameters).map(([name, value]) => {
    const parameter: Readonly<Record<string, unknown>> =
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
    const type = typeof parameter['type'] === 'string' ? parameter['type'] : 'string';
    const fallback =
      'default' in parameter
        ? ` = ${JSON.stringify(parameter['default'])}`
        : parameter['required'] === false
          ? ' (optional)'
          : ' (required)';
    const description = typeof parameter['description'] === 'string' ? parameter['description'] : '';
    return [name, type + fallback, description];
  });
  if (rows.length === 0) return [];
  // Facts are for reading: also in a pipe they stand in columns.
  return renderTable(PARAMETER_COLUMNS, rows, { columns: columns ?? UNCUT }).split('\n');
}

const UNCUT = 10_000;
