import type {
  ComparedPermission,
  EntryChange,
  FieldChange,
  FileChange,
  FilePatch,
  WorkflowChanges,
} from '@sheaf/client';
import { printable } from '../terminal/escape.js';
import type { Style } from '../terminal/style.js';
import { cutTo, formatBytes, shortId } from '../terminal/text.js';

/** How long a value may be where two of them stand in a line. */
const MAX_VALUE = 48;

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

/** `+ exec curl (step upload, workflow.toml:41)`. */
export function renderPermission(sign: '+' | '-', { kind, value, neededBy }: ComparedPermission): string {
  const line = neededBy?.line === undefined ? '' : `, ${neededBy.file ?? ''}:${neededBy.line}`;
  const where = neededBy === undefined ? '' : ` (step ${neededBy.step}${line})`;
  return printable(`${sign} ${kind} ${value}${where}`);
}

/** What is newly asked comes first and stands out; then what is no longer asked, and how much stays. */
export function renderPermissions(
  { added, removed, kept }: WorkflowChanges['permissions'],
  style: Style,
): readonly string[] {
  return [
    ...added.map((permission) => style.bold(style.yellow(renderPermission('+', permission)))),
    ...removed.map((permission) => style.green(renderPermission('-', permission))),
    ...(kept > 0 ? [`= ${kept} as before`] : []),
  ];
}

/** Who signed before and who signs now; undefined when that is the same. */
export function renderSigners(signers: WorkflowChanges['signers'], style: Style): string | undefined {
  if (signers === undefined) return undefined;
  const names = (ids: readonly string[]) => ids.map((id) => shortId(printable(id))).join(', ') || 'nobody';
  return `${style.red('CHANGED')}  ${names(signers.before)} → ${names(signers.after)}`;
}

/** All that differs, in the order of what matters: signer, permissions, interface, steps, requirements, files. */
export function renderSections(
  changes: WorkflowChanges,
  signer: string | undefined,
  style: Style,
): readonly string[] {
  const { permissions, steps, requirements, dependencies } = changes;
  const sections: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ['signer', signer === undefined ? [] : [signer]],
    ['permissions', renderPermissions(permissions, style)],
    ['interface', renderInterface(changes, style)],
    ['steps', renderEntries(steps, style, true)],
    ['requires', [...renderEntries(requirements, style), ...renderEntries(dependencies, style)]],
    ['files', renderFiles(changes)],
  ];
  return sections.flatMap(([name, lines]) =>
    lines.map((line, i) => `${style.dim((i === 0 ? name : '').padEnd(11))} ${line}`),
  );
}

/** Parameters and outputs: what whoever uses the workflow as before may stumble over is marked. */
export function renderInterface(
  { parameters, outputs }: Pick<WorkflowChanges, 'parameters' | 'outputs'>,
  style: Style,
): readonly string[] {
  return [
    ...parameters.map((entry) => renderEntry(entry, style, 'parameter')),
    ...outputs.map((entry) => renderEntry(entry, style, 'output')),
  ];
}

/** Entries of one list, one a line. Of steps only the names of what changed are told: the patch has the rest. */
function renderEntries(entries: readonly EntryChange[], style: Style, isBrief = false): readonly string[] {
  return entries.map((entry) => renderEntry(entry, style, undefined, isBrief));
}

function renderEntry(entry: EntryChange, style: Style, what?: string, isBrief = false): string {
  const { change, name, fields, breaking } = entry;
  const told = isBrief ? fields.map(({ field }) => field) : fields.map(renderField);
  const required = what === 'parameter' && change === 'added' && breaking ? '  required' : '';
  const line = `${SIGNS[change]} ${what === undefined ? '' : `${what} `}${name}${required}`;
  const details = told.length === 0 ? '' : `  ${told.join(', ')}`;
  return printable(line + details) + (breaking ? `  ${style.red('BREAKING')}` : '');
}

function renderField(change: FieldChange): string {
  const show = (value: FieldChange['before']) =>
    cutTo(typeof value === 'string' ? value : JSON.stringify(value), MAX_VALUE);
  const { field } = change;
  if (!('before' in change)) return `${field} ${show(change.after)}`;
  if (!('after' in change)) return `no ${field} (was ${show(change.before)})`;
  return `${field} ${show(change.before)} → ${show(change.after)}`;
}

/** Files with their sizes, and how many are the same. */
function renderFiles({ files, filesKept }: Pick<WorkflowChanges, 'files' | 'filesKept'>): readonly string[] {
  return [...files.map(renderFile), ...(filesKept > 0 ? [`= ${filesKept} as before`] : [])];
}

function renderFile({ change, path, beforeBytes, afterBytes, executable }: FileChange): string {
  const sizes = [beforeBytes, afterBytes].flatMap((size) => (size === undefined ? [] : [formatBytes(size)]));
  const size = sizes[0] === sizes[1] ? `${sizes[0] ?? ''}, other content` : sizes.join(' → ');
  const mode =
    executable === undefined ? '' : executable.after ? ', now executable' : ', not executable any more';
  return `${SIGNS[change]} ${printable(path)}  ${size}${mode}`;
}

/** How many lines of patches are shown. */
const MAX_PATCH_LINES = 4000;

/** Patches as a unified diff: foreign text, of which every control character but the tab is escaped. */
export function renderPatches(patches: readonly FilePatch[], style: Style): readonly string[] {
  const lines = patches.flatMap((patch) => renderPatch(patch, style));
  if (lines.length <= MAX_PATCH_LINES) return lines;
  return [
    ...lines.slice(0, MAX_PATCH_LINES),
    `… ${lines.length - MAX_PATCH_LINES} more lines; all of them: --patch --json`,
  ];
}

function renderPatch({ path, hunks, omitted }: FilePatch, style: Style): readonly string[] {
  const name = printable(path);
  if (omitted !== undefined)
    return [style.bold(`${name}: ${omitted === 'binary' ? 'no text' : 'too large'}, not shown line by line`)];
  return [
    style.bold(`--- a/${name}`),
    style.bold(`+++ b/${name}`),
    ...hunks.flatMap(({ before, after, lines }) => [
      style.cyan(`@@ -${before.start},${before.count} +${after.start},${after.count} @@`),
      ...lines.map((line) => paint(line.split('\t').map(printable).join('\t'), style)),
    ]),
  ];
}

function paint(line: string, style: Style): string {
  if (line.startsWith('+')) return style.green(line);
  return line.startsWith('-') ? style.red(line) : line;
}
