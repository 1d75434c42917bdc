import {
  describeIdentity,
  formatDay,
  parseReference,
  type PolicyContext,
  type PublisherQuestion,
} from '@sheaf/client';
import { isCi } from '../frame/ci.js';
import type { Context } from '../frame/context.js';
import type { Flag } from '../frame/args.js';
import { CliError } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';
import { loadPolicy } from './policy-files.js';

/** The flag of every verb that fetches. */
export const ALLOW_YOUNG_FLAG: Flag = {
  name: 'allow-young',
  value: 'REF',
  completes: 'reference',
  repeat: true,
  summary: 'take this version once, although the policy holds it back for its age',
};

export interface PolicyOptions {
  /** Accept a publisher at the first use; never in CI, and never a change. */
  readonly yes: boolean;
  /** References to versions that may be younger than the policy asks for. */
  readonly allowYoung?: readonly string[] | undefined;
}

/**
 * What decides about publishers on this machine: the policy files, and whoever sits at the terminal.
 *
 * @throws as `loadPolicy`; CliError `usage.allow_young`
 */
export async function policyFor(context: Context, options: PolicyOptions): Promise<PolicyContext> {
  const { policy, witnesses } = await loadPolicy(context);
  const canAnswer = !isCi(context) && (options.yes || context.ui.canAsk);
  return {
    policy,
    ...(witnesses === undefined ? {} : { witnesses }),
    ...(canAnswer
      ? { askPublisher: (question: PublisherQuestion) => askPublisher(context, question, options.yes) }
      : {}),
    allowYoung: readYoung(options.allowYoung ?? []),
    nowMs: context.now,
  };
}

/** One question, about the keys; No is the default. A yes by flag is no answer about a key that nobody vouches for. */
async function askPublisher(
  context: Pick<Context, 'ui' | 'paths'>,
  { origin, namespace, id, version, signers }: PublisherQuestion,
  yes: boolean,
): Promise<boolean | 'flag'> {
  const { ui } = context;
  const isRecovery = signers.some(({ recovered }) => recovered);
  if (yes && isRecovery && !ui.canAsk) return 'flag';
  const own = await findOwnKeys(context);
  ui.say(`first use of ${namespace} at ${origin}: ${id} ${version} is signed by`);
  for (const { keyid, identity, addedIndex, addedAtSeconds, recovered } of signers) {
    if (identity !== undefined) {
      ui.say(`  ${printable(describeIdentity(identity))}  a CI job, with a key of its own each time`);
      continue;
    }
    const name = own.get(keyid);
    ui.say(
      `  ${keyid}  added ${formatDay(addedAtSeconds)} at log #${addedIndex}${recovered ? ' BY RECOVERY: no earlier key vouches for it' : ''}${name === undefined ? '' : `; your own, ${name} on this machine`}`,
    );
  }
  const what = signers.some(({ identity }) => identity !== undefined) ? 'signer' : 'key';
  const these = signers.length === 1 ? `this ${what}` : `these ${what}s`;
  if (yes && !isRecovery) {
    ui.say(`accepted by --yes: ${these}, for all of ${namespace} from now on`);
    return 'flag';
  }
  const compare = signers.every(({ keyid }) => own.has(keyid))
    ? 'there is nothing to compare'
    : `compare with what ${namespace} publishes`;
  ui.say(`${compare}: all later versions must be signed by ${these}`);
  return ui.confirm(`Trust ${namespace} from now on?`);
}

/** The signing keys of this user, by id; what cannot be read is not needed to ask. */
async function findOwnKeys({ paths }: Pick<Context, 'paths'>): Promise<ReadonlyMap<string, string>> {
  try {
    const { openKeyStore } = await import('../keys/key-store.js');
    const keys = await openKeyStore(paths.config(), () => undefined).list();
    return new Map(keys.map(({ publicKey, name }) => [publicKey.id, name]));
  } catch {
    return new Map();
  }
}

function readYoung(references: readonly string[]): ReadonlySet<string> {
  return new Set(
    references.map((text) => {
      const { id, selector } = parseReference(text);
      if (selector.kind === 'version') return `${id}@${selector.version}`;
      throw new CliError(
        'usage.allow_young',
        `--allow-young ${JSON.stringify(text)} does not name one version`,
        { hint: `--allow-young ${id}@1.2.0` },
      );
    }),
  );
}
