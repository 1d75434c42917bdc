import {
  disallow,
  disallowJobs,
  registryIdOf,
  type Pin,
  type PublisherRule,
  type TrustStore,
} from '@sheaf/client';
import type { KeyId } from '@sheaf/bundle';
import { defineCommand } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { TrustRemoveJson } from '../json/trust-remove.js';
import { loadPolicy } from '../registry/policy-files.js';
import {
  editUserPolicy,
  findPins,
  findTrustStore,
  readKeyIds,
  readOrigin,
  readPattern,
} from '../registry/trust-edit.js';
import { plural, shortId } from '../terminal/text.js';

interface Removed {
  readonly namespace: string;
  readonly registry?: string;
  readonly key?: string;
  readonly file: string;
  /** Keys of the rule that is left; 0 when there is none. */
  readonly keysLeft: number;
  /** Whether the rule that is left speaks of jobs. */
  readonly jobsLeft: boolean;
  readonly ruleChanged: boolean;
  /** Registries at which an acceptance at first use was forgotten, by origin. */
  readonly forgotten: readonly string[];
  /** Registries at which it was forgotten in which log the namespace is, by origin. */
  readonly logsForgotten: readonly string[];
  /** Other registries at which a rule of the user still allows the namespace, by origin. */
  readonly others: readonly string[];
}

export const remove = defineCommand<Removed, TrustRemoveJson>({
  name: 'trust remove',
  about: 'Take a rule of your trust.toml back, or one key of it, and forget what was accepted at first use.',
  positionals: { names: ['NAMESPACE'], completes: ['namespace'], required: 1 },
  flags: [
    { name: 'key', value: 'KEYID', summary: 'this key only' },
    { name: 'jobs', summary: 'the jobs of the rule only' },
    {
      name: 'registry',
      value: 'URL|NAME|ORIGIN',
      completes: 'registry',
      summary: 'of this registry; needed when there is something of several',
    },
  ],
  examples: ['sheaf trust remove acme', 'sheaf trust remove acme --key 9c1f…'],
  exitCodes: [0, 2, 4],
  run: async (context, input) => {
    const namespace = readPattern(input.positionals[0] ?? '');
    const text = input.get('key');
    const [key] = text === undefined ? [] : readKeyIds([text]);
    if (key !== undefined && input.has('jobs')) {
      throw new CliError('usage.conflicting_flags', '--key and --jobs are parts of a rule, one at a time', {
        hint: 'leave one of them out; without both the whole rule goes',
      });
    }
    const isPart = key !== undefined || input.has('jobs');
    const store = await findTrustStore(context);
    const named = input.get('registry');
    const rules = await findRules(context, namespace);
    const registry =
      named === undefined
        ? await findSubject(store, rules, namespace)
        : (await readOrigin(context, store, named, originsOf(rules))).origin;
    const edited = await editUserPolicy(context, (before, file) =>
      input.has('jobs')
        ? disallowJobs(before, file, { namespace, registry })
        : disallow(before, file, { namespace, registry }, key),
    );
    const pins = await findPins(store, registry);
    const forgotten =
      store === undefined || input.has('jobs') ? [] : await forget(store, pins, namespace, key);
    const logsForgotten = store === undefined || isPart ? [] : await forgetLogs(store, pins, namespace);
    if (!edited.isChanged && forgotten.length === 0 && logsForgotten.length === 0) {
      throw new CliError(
        'trust.not_found',
        `nothing of yours allows ${namespace}${registry === undefined ? '' : ` at ${registry}`}${key === undefined ? '' : ` to sign with ${shortId(key)}`}`,
        {
          hint: 'sheaf trust list  shows the rules with file and line',
        },
      );
    }
    return {
      data: {
        namespace,
        ...(registry === undefined ? {} : { registry }),
        ...(key === undefined ? {} : { key }),
        file: edited.file,
        keysLeft: edited.rule?.keys.length ?? 0,
        jobsLeft: edited.rule?.oidc !== undefined,
        ruleChanged: edited.isChanged,
        forgotten,
        logsForgotten,
        others: originsOf(await findRules(context, namespace)).filter((origin) => origin !== registry),
      },
    };
  },
  render: (data) => ({
    talk:
      [
        ...(data.forgotten.length === 0
          ? []
          : [
              `what was accepted of ${data.namespace} at ${data.forgotten.join(', ')} is forgotten: its next use is a first one`,
            ]),
        ...(data.logsForgotten.length === 0
          ? []
          : [`in which log of ${data.logsForgotten.join(', ')} ${data.namespace} was seen is forgotten`]),
        ...(data.others.length === 0
          ? []
          : [`a rule still allows ${data.namespace} at ${data.others.join(', ')}`]),
      ].join('\n') || undefined,
    answer: `${data.namespace}${data.registry === undefined ? '' : ` at ${data.registry}`}: ${data.ruleChanged ? `${leftOf(data)}, ${data.file}` : 'no rule was there'}`,
  }),
});

function leftOf({ keysLeft, jobsLeft }: Removed): string {
  if (keysLeft === 0) return jobsLeft ? 'its jobs are left' : 'no rule is left';
  return `${plural(keysLeft, 'key')}${jobsLeft ? ' and its jobs' : ''} left`;
}

type UserRule = Pick<PublisherRule, 'registry'>;

/** The user's rules that allow a namespace. */
async function findRules(context: Context, namespace: string): Promise<readonly UserRule[]> {
  const { user } = (await loadPolicy(context)).layers;
  return (user?.publishers ?? []).filter((rule) => !rule.deny && rule.namespace === namespace);
}

function originsOf(rules: readonly UserRule[]): readonly string[] {
  return [...new Set(rules.flatMap(({ registry }) => registry ?? []))].sort();
}

/**
 * What a namespace is trusted at, when that is one registry; undefined when only a rule about any registry speaks of it.
 *
 * @throws CliError `usage.registry` when it is several
 */
async function findSubject(
  store: TrustStore | undefined,
  rules: readonly UserRule[],
  namespace: string,
): Promise<string | undefined> {
  const accepted = ((await store?.listAccepted()) ?? []).filter((each) => each.namespace === namespace);
  const trusted = [
    ...rules.flatMap(({ registry }) => registry ?? []),
    ...accepted.map(({ origin }) => origin),
  ];
  const seen = ((await store?.listPins()) ?? []).filter((pin) => pin.namespaces.has(namespace));
  const origins = [
    ...new Set(rules.length + accepted.length > 0 ? trusted : seen.map(({ origin }) => origin)),
  ].sort();
  const [first] = origins;
  if (origins.length > 1) {
    throw new CliError('usage.registry', `${namespace} is trusted at ${origins.length} registries`, {
      evidence: origins.map((origin) => `trusted at  ${origin}`),
      hint: `sheaf trust remove ${namespace} --registry ${first ?? ''}`,
    });
  }
  return rules.some(({ registry }) => registry === undefined) ? undefined : first;
}

/** Forgets in which log of each registry a namespace was seen, so that it may be seen in another. */
async function forgetLogs(
  store: TrustStore,
  pins: readonly Pin[],
  namespace: string,
): Promise<readonly string[]> {
  const forgotten: string[] = [];
  for (const { url, origin } of pins) if (await store.forgetRealm(url, namespace)) forgotten.push(origin);
  return forgotten;
}

/** Forgets whole acceptances: with one key less, it would not be what was accepted. */
async function forget(
  store: TrustStore,
  pins: readonly Pin[],
  namespace: string,
  key: KeyId | undefined,
): Promise<readonly string[]> {
  if (namespace.includes('*')) return [];
  const forgotten: string[] = [];
  for (const pin of pins) {
    const id = registryIdOf(pin);
    const accepted = await store.findAccepted(id, namespace);
    if (accepted === undefined || (key !== undefined && !accepted.keys.includes(key))) continue;
    if (await store.forget(id, namespace)) forgotten.push(pin.origin);
  }
  return forgotten;
}
