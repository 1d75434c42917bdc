import type { KeyId } from '@sheaf/bundle';
import {
  allowJobs,
  allowKeys,
  demandOf,
  registryIdOf,
  type AcceptedPublisher,
  type EditedPolicy,
  type OidcRule,
  type Pin,
  type RuleSubject,
  type TrustStore,
} from '@sheaf/client';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { TrustAddJson } from '../json/trust-add.js';
import { ANY_JOB_FLAG, CLAIM_FLAGS, readJobs } from '../registry/job-claims.js';
import { askLogs, type LoggedKey } from '../registry/logged-keys.js';
import {
  chooseOrigin,
  editUserPolicy,
  findPins,
  findTrustStore,
  readKeyIds,
  readPattern,
} from '../registry/trust-edit.js';
import { printable } from '../terminal/escape.js';
import { shortId } from '../terminal/text.js';

interface Added {
  readonly namespace: string;
  /** Its origin. */
  readonly registry: string;
  readonly keys: readonly KeyId[];
  /** Whose jobs count as one of them. */
  readonly oidc?: OidcRule;
  readonly threshold: number;
  readonly file: string;
  readonly line: number;
  readonly changed: boolean;
  /** Keys that were accepted at the first use, and stay allowed. */
  readonly kept: readonly string[];
  readonly log: readonly LoggedKey[];
}

export const add = defineCommand<Added, TrustAddJson>({
  name: 'trust add',
  about: 'Allow keys, or the jobs of a CI, to sign for a namespace, in your trust.toml.',
  positionals: { names: ['NAMESPACE'], completes: ['namespace'], required: 1 },
  flags: [
    { name: 'key', value: 'KEYID', repeat: true, summary: 'a key that may sign' },
    { name: 'threshold', value: 'K', summary: 'how many of the keys must sign (default: as before, or 1)' },
    {
      name: 'issuer',
      value: 'ISSUER',
      summary: 'github, gitlab, or the URL of an issuer: its jobs count as one of the keys',
    },
    ...CLAIM_FLAGS,
    ANY_JOB_FLAG,
    {
      name: 'registry',
      value: 'URL|NAME|ORIGIN',
      completes: 'registry',
      summary: 'the registry that the rule is for; needed when several are pinned',
    },
    { name: 'offline', summary: 'ask no registry what its log says of the keys' },
  ],
  examples: [
    'sheaf trust add acme --key 9c1f… --registry wf.example.com',
    'sheaf trust add "acme-*" --key 9c1f… --key 04be… --threshold 2',
    'sheaf trust add acme --issuer github --repository-id 1296269 --ref "refs/tags/v*"',
  ],
  exitCodes: [0, 2, 3, 5],
  run: async (context, input) => {
    const namespace = readPattern(input.positionals[0] ?? '');
    const given = readKeyIds(input.all('key'));
    const jobs = readJobs(input);
    if (given.length === 0 && jobs === undefined) {
      throw new CliError('usage.missing_flag', 'a rule needs the ids of keys, or says whose jobs may sign', {
        hint: [
          `sheaf trust add ${namespace} --key KEYID`,
          `sheaf trust add ${namespace} --issuer github --repository-id ID`,
        ],
      });
    }
    if (jobs?.anyJob === true)
      context.ui.warn(
        `whoever has a job of ${printable(jobs.issuer)} that meets the claims can sign for ${namespace} from now on: --any-job`,
      );
    const store = await findTrustStore(context);
    const registry = await chooseOrigin(context, store, input.get('registry'));
    const pins = await findPins(store, registry);
    const log = input.has('offline') ? [] : await askLogs(context, store, { pins, namespace, keys: given });
    const accepted = await findAccepted(store, pins, namespace);
    const threshold = readThreshold(input.get('threshold'));
    const edited = await editUserPolicy(context, (before, file) => {
      const subject = { namespace, registry };
      const allow = (keys: readonly KeyId[], least: number | undefined) =>
        allowBoth(before, file, subject, { keys, jobs, threshold: least });
      const plain = allow(given, threshold);
      // A rule takes the place of what was accepted at the first use: who was accepted then stays so.
      if (!plain.isNew || accepted.length === 0) return plain;
      return allow(
        [...accepted.flatMap(({ keys }) => keys), ...given],
        threshold ?? Math.max(...accepted.map((each) => each.threshold)),
      );
    });
    const { rule, file, isChanged } = edited;
    if (rule === undefined) throw new Error('a rule that was added is not there');
    return {
      data: {
        namespace,
        registry,
        keys: rule.keys,
        ...(rule.oidc === undefined ? {} : { oidc: rule.oidc }),
        threshold: rule.threshold,
        file,
        line: rule.place.line,
        changed: isChanged,
        kept: accepted
          .flatMap(({ keys }) => keys)
          .filter((key) => rule.keys.includes(key) && !given.includes(key)),
        log,
      },
    };
  },
  render: (data, { talkStyle }) => ({
    talk: [
      ...data.log.map(({ says, good }) => `${good ? '' : `${talkStyle.yellow('warning:')} `}${says}`),
      ...(data.kept.length === 0
        ? []
        : [`accepted at first use and kept: ${data.kept.map(shortId).join(', ')}`]),
    ].join('\n'),
    answer: `${data.namespace} at ${data.registry}: ${printable(demandOf(data))}, ${data.file}:${data.line}${data.changed ? '' : ' (as before)'}`,
  }),
});

/** Jobs and keys in one rule. */
function allowBoth(
  text: string,
  file: string,
  subject: RuleSubject,
  {
    keys,
    jobs,
    threshold,
  }: {
    readonly keys: readonly KeyId[];
    readonly jobs?: OidcRule | undefined;
    readonly threshold?: number | undefined;
  },
): EditedPolicy {
  if (jobs === undefined) return allowKeys(text, file, subject, { keys, threshold });
  const first = allowJobs(text, file, subject, { jobs, keys });
  if (
    first.rule === undefined ||
    (first.rule.threshold === (threshold ?? first.rule.threshold) &&
      keys.every((key) => first.rule?.keys.includes(key)))
  )
    return first;
  const second = allowKeys(first.text, file, subject, { keys, threshold });
  return { ...second, isNew: first.isNew, isChanged: first.isChanged || second.isChanged };
}

function readThreshold(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new CliError('usage.threshold', `--threshold ${JSON.stringify(text)} is not a number from 1 to 99`, {
    hint: '--threshold 2',
  });
}

async function findAccepted(
  store: TrustStore | undefined,
  pins: readonly Pin[],
  namespace: string,
): Promise<readonly AcceptedPublisher[]> {
  if (store === undefined || namespace.includes('*')) return [];
  const found = await Promise.all(pins.map((pin) => store.findAccepted(registryIdOf(pin), namespace)));
  // Addresses of one registry answer the same.
  return [...new Map(found.flatMap((each) => (each === undefined ? [] : [[each.registry, each]]))).values()];
}
