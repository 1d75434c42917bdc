import type { LockChange } from '@sheaf/client';
import type { Look, Rendered } from '../frame/command.js';
import type { ExitCode } from '../frame/exit-codes.js';
import type { UpgradeJson } from '../json/upgrade.js';
import { renderLockChange } from '../project/render-lock.js';
import { printable } from '../terminal/escape.js';
import { plural } from '../terminal/text.js';
import { isNews, renderSurvey } from './survey.js';
import { helpOffWithdrawn, listStuck } from './withdrawn.js';

/** What an upgrade did. */
export interface Upgraded extends Omit<UpgradeJson, 'changes' | 'dryRun'> {
  /** Whether files were to be written; `check` fetches nothing. */
  readonly mode: 'upgrade' | 'dry_run' | 'check';
  readonly changes: readonly LockChange[];
}

/** What became of one name. */
export type Outcome = UpgradeJson['upgrades'][number];

/** Refused before not approved: the first cannot be helped by a yes. */
export function exitCodeOfUpgrade({ mode, workflows, upgrades, refused }: Upgraded): ExitCode {
  if (mode === 'check') return workflows.some(({ status }) => status !== 'current') ? 1 : 0;
  if (refused.length > 0 || upgrades.some(({ outcome }) => outcome === 'refused')) return 3;
  if (upgrades.some(({ outcome }) => outcome === 'not_approved')) return 5;
  return listLeft(workflows, upgrades).length > 0 ? 1 : 0;
}

/** What was taken back, and stays locked since nothing else is in its range. */
function listLeft(rows: Upgraded['workflows'], upgrades: readonly Outcome[]): Upgraded['workflows'] {
  const told = new Set(upgrades.map(({ name }) => name));
  return listStuck(rows).filter(({ name }) => !told.has(name));
}

/** What moved, what was refused; the verdict last. */
export function renderUpgrade(data: Upgraded, { style, talkStyle, columns, nowMs }: Look): Rendered {
  const { mode, workflows, upgrades, changes, refused } = data;
  const isBad = exitCodeOfUpgrade(data) !== 0;
  const table = renderSurvey(workflows.filter(isNews), { columns, style, nowMs });
  const failed = [
    ...upgrades.flatMap(({ outcome, name, to, code = '', message = '' }) =>
      outcome === 'refused' ? [`${style.red('FAIL')} ${name} ${to}  ${code}: ${printable(message)}`] : [],
    ),
    ...refused.map(
      ({ id, version, code, message }) =>
        `${style.red('FAIL')} ${id} ${version}  ${code}: ${printable(message)}`,
    ),
  ];
  return {
    answer:
      mode === 'check' ? table : [...changes.map((change) => renderLockChange(change)), ...failed].join('\n'),
    epilogue: [
      (isBad ? talkStyle.yellow : talkStyle.green)(verdict(data)),
      ...helpFor(data).map((line) => `  help: ${line}`),
    ].join('\n'),
  };
}

function verdict(data: Upgraded): string {
  const { mode, workflows, upgrades, file, lockFile, projectWritten, lockWritten } = data;
  const names = (outcome: Outcome['outcome']) =>
    upgrades.filter((each) => each.outcome === outcome).map(({ name }) => name);
  const moved = names(mode === 'dry_run' ? 'would_upgrade' : 'upgraded');
  const behind = workflows.filter(({ status }) => status !== 'current').length;
  if (mode === 'check')
    return `${plural(behind, 'workflow')} to look at, of ${workflows.length}; nothing was fetched or written`;
  const files = [...(projectWritten ? [file] : []), ...(lockWritten ? [lockFile] : [])];
  const parts = [
    ...(moved.length === 0
      ? []
      : [`${mode === 'dry_run' ? 'would upgrade' : 'upgraded'} ${moved.join(', ')}`]),
    ...[...names('kept'), ...names('not_approved'), ...names('refused')].map((name) => `${name} stays`),
    ...listLeft(workflows, upgrades).map(
      ({ name, now = '' }) => `${name} stays at ${now}, which was withdrawn`,
    ),
  ];
  const what = parts.length === 0 && !lockWritten ? 'nothing to upgrade' : parts.join(', ');
  return [what, ...(files.length === 0 ? [] : [`${files.join(' and ')} written`])]
    .filter((part) => part !== '')
    .join('; ');
}

function helpFor({ mode, upgrades, workflows }: Upgraded): readonly string[] {
  const open = upgrades.filter(({ outcome }) => outcome === 'not_approved').map(({ name }) => name);
  const left = listLeft(workflows, upgrades);
  const beyond = workflows.filter(
    ({ name, now, range, newest, target }) =>
      range === now && target !== undefined && target === newest && !left.some((row) => row.name === name),
  );
  return [
    ...(open.length === 0 ? [] : [`agree to what is new: sheaf upgrade ${open.join(' ')} --yes`]),
    ...(mode === 'check' ? helpOffWithdrawn(workflows) : helpOffWithdrawn(left)),
    ...(mode === 'upgrade' && beyond.length > 0 && !upgrades.some(({ outcome }) => outcome === 'upgraded')
      ? [`beyond its range: sheaf upgrade ${beyond.map(({ name }) => name).join(' ')} --latest --dry-run`]
      : []),
  ];
}
