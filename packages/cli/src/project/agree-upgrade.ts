import { registryIdOf, type VerifiedWorkflow } from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { renderPermissions, renderSections, renderSigners, renderInterface } from '../output/changes.js';
import { extendConsent, isTooMuchToAsk } from '../run/consent.js';
import { printable } from '../terminal/escape.js';
import type { Choices } from '../terminal/choices.js';
import { PLAIN, type Style } from '../terminal/style.js';
import type { PlannedUpgrade } from './plan-upgrade.js';

/**
 * Why a move is not made without a word: it asks for more, another signs it, its publisher advises against it, or it
 * cannot be compared. Empty when there is nothing to agree to.
 */
export function listConcerns({ changes, fetched, row, lost }: PlannedUpgrade): readonly string[] {
  const { standing } = fetched.workflow;
  const isWorse = standing.state !== 'active' && row.state?.version !== row.now;
  return [
    ...(changes.signers === undefined ? [] : ['another signer']),
    ...(changes.permissions.added.length === 0 ? [] : ['more permissions']),
    ...(isWorse ? [standing.state] : []),
    ...(lost === undefined ? [] : ['nothing to compare with']),
  ];
}

/** What a move changes: signer and permissions first, then what may break. */
export function describeUpgrade(upgrade: PlannedUpgrade, style: Style): readonly string[] {
  const { row, from, to, changes, lost, fetched } = upgrade;
  const signer = renderSigners(changes.signers, style);
  const { added, removed } = changes.permissions;
  const told = [
    ...(added.length + removed.length === 0 ? [] : renderPermissions(changes.permissions, style)),
    ...renderInterface(changes, style),
  ];
  const isQuiet = added.length === 0 && lost === undefined;
  const { state, reason, replacement } = fetched.workflow.standing;
  return [
    `${style.bold(row.name)}  ${from} → ${to}, ${signer === undefined ? 'same signer' : `signer ${signer}`}${isQuiet ? ', asks for nothing more' : ', new:'}`,
    ...(lost === undefined
      ? []
      : [`  ${from} cannot be compared with (${lost.code}), so all that ${to} asks for is new`]),
    ...told.map((line) => `  ${line}`),
    ...(state === 'active'
      ? []
      : [
          `  ${style.yellow(state)}${reason === undefined ? '' : `: ${printable(reason)}`}${replacement === undefined ? '' : ` (replacement: ${printable(replacement)})`}`,
        ]),
  ];
}

const CHOICES: Choices<'y' | 'n' | 'd'> = {
  keys: { y: 'yes', n: 'no', d: 'all that differs' },
  default: 'n',
};

/**
 * One question a move, about what is new in it. No keeps the version that is locked. Nobody is asked without a terminal,
 * or about more than one question can show.
 */
export async function askUpgrade(
  { ui }: Pick<Context, 'ui'>,
  upgrade: PlannedUpgrade,
): Promise<'upgraded' | 'kept' | 'not_approved'> {
  if (!ui.canAsk) return 'not_approved';
  if (isTooMuchToAsk(describeUpgrade(upgrade, PLAIN))) {
    ui.say(`${upgrade.row.name} ${upgrade.to} asks for more than one question can show`);
    return 'not_approved';
  }
  const { changes } = upgrade;
  for (;;) {
    const answer = await ui.choose('Agree?', CHOICES);
    if (answer !== 'd') return answer === 'y' ? 'upgraded' : 'kept';
    for (const line of renderSections(
      changes,
      renderSigners(changes.signers, ui.stderr.style),
      ui.stderr.style,
    ))
      ui.say(`  ${line}`);
  }
}

/** Who had agreed to what is locked, and now to what is new, is not asked once more when it runs. */
export async function keepAgreement(context: Context, { before, fetched }: PlannedUpgrade): Promise<void> {
  if (before === undefined) return;
  const registry = registryIdOf(fetched.pin);
  const subjectOf = ({ id, version, signerFacts, bundle }: VerifiedWorkflow) => ({
    registry,
    id,
    version,
    signers: signerFacts.map(({ keyid }) => keyid),
    permissions: bundle.definition.permissions,
  });
  await extendConsent(context, subjectOf(before), subjectOf(fetched.workflow));
}
