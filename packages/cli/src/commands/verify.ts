import { resolve } from 'node:path';
import type { PolicyDecision, Reference, VerificationStep } from '@sheaf/client';
import { defineCommand, omit } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { VerifyJson } from '../json/verify.js';
import { describeVerified, offlineNote, renderChecks, type VerifiedData } from '../output/verification.js';
import { expandName } from '../project/expand-name.js';
import { fetchCarried } from '../registry/fetch-carry.js';
import { describeState, fetchVerified, type Fetched } from '../registry/fetch.js';
import { withReference } from '../registry/locate.js';
import { ALLOW_YOUNG_FLAG } from '../registry/policy.js';
import { asPath, REGISTRY_FLAG, YES_FLAG, type Session } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import { isCarryName } from '../workflow/carry-file.js';
import { formatDay } from '../terminal/text.js';

interface Verified extends VerifiedData {
  readonly policy: {
    /** What let the signers pass. */
    readonly by: PolicyDecision['kind'];
    readonly detail: string;
    readonly logKey: string;
    readonly pinnedAt: string;
  };
  readonly checks: readonly VerificationStep[];
  readonly warnings: readonly string[];
  readonly quiet: boolean;
  /** Where it came from when no registry was asked. */
  readonly from: 'the cache' | 'the file';
}

export const command = defineCommand<Verified, VerifyJson>({
  name: 'verify',
  about: "Verify a workflow: the log's proof, the author's signature, every byte.",
  positionals: { names: ['NAME|REF|FILE'], completes: [['name', 'reference', 'file']], required: 1 },
  flags: [
    { name: 'offline', summary: 'use the cache alone; freshness is then not checked' },
    { name: 'quiet', short: 'q', summary: 'print nothing when all is well' },
    ALLOW_YOUNG_FLAG,
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: ['sheaf verify acme/release-notes@1.2.0 --offline -q', 'sheaf verify release-notes.sheaf'],
  exitCodes: [0, 3, 4, 5, 6],
  run: async (context, input) => {
    const word = input.positionals[0] ?? '';
    const policy = { yes: input.has('yes'), allowYoung: input.all('allow-young') };
    const quiet = input.has('quiet');
    if (isCarryName(word))
      return { data: describe(await fetchCarried(context, word, policy), 'the file', quiet) };
    const verify = async (session: Session, reference: Reference) => {
      const options = { ...policy, offline: input.has('offline'), typed: `verify ${shellWord(word)}` };
      const fetched = await fetchVerified(context, session, reference, options);
      return { data: describe(fetched, 'the cache', quiet) };
    };
    const { name, project } = await expandName(context, word);
    const named = name === undefined ? undefined : project?.workflows.get(name);
    if (named === undefined || project === undefined) {
      await assertPublished(word, context.cwd);
      return withReference(context, input, word, verify);
    }
    const { withNamed } = await import('../project/with-named.js');
    return withNamed(context, input, { project, wanted: named.reference }, verify);
  },
  toJson: (data) => omit(data, 'quiet', 'from'),
  render: (data, { style, talkStyle, nowMs }) => {
    const talk = data.warnings.map((line) => `${talkStyle.yellow('warning:')} ${line}`).join('\n');
    if (data.quiet) return { talk };
    return {
      talk,
      answer: [
        `policy  ${printable(data.policy.detail)} · log key pinned ${formatDay(data.policy.pinnedAt)}${data.offline ? ` · ${offlineNote(data, nowMs, data.from)}` : ''}`,
        ...renderChecks(
          data.checks.filter(({ id }) => id !== 'policy'),
          style,
        ),
        style.green(`verified ${data.id} ${data.version}`),
      ].join('\n'),
    };
  },
});

/** One's own files have no signature that could be checked. @throws CliError `usage.wrong_verb` */
async function assertPublished(word: string, cwd: string): Promise<void> {
  const isPath = asPath(word, cwd) !== undefined || /\.(toml|ya?ml)$/.test(word);
  if (!isPath && word.includes('/')) return;
  const { findKind } = await import('../project/bare-word.js');
  const kind = (await findKind(resolve(cwd, word))) ?? (isPath ? 'file' : undefined);
  if (kind === undefined) return;
  throw new CliError(
    'usage.wrong_verb',
    `${printable(word)} is a ${kind} of yours: verify checks the signature of what others published`,
    {
      hint: [
        `to check a definition: sheaf validate ${shellWord(word)}`,
        ...(kind === 'folder' ? [] : ['a file of sheaf fetch -o ends in .sheaf']),
      ],
    },
  );
}

function describe(fetched: Fetched, from: Verified['from'], quiet: boolean): Verified {
  return {
    ...describeVerified(fetched),
    policy: {
      by: fetched.workflow.decision.kind,
      detail: fetched.steps.find(({ id }) => id === 'policy')?.detail ?? '',
      logKey: fetched.pin.logKey,
      pinnedAt: fetched.pin.pinnedAt,
    },
    checks: fetched.steps,
    warnings: describeState(fetched),
    quiet,
    from,
  };
}
