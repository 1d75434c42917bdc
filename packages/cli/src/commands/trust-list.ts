import type { KeyId } from '@sheaf/bundle';
import {
  checkpointOf,
  demandOf,
  durationText,
  openTrustStore,
  type AcceptedPublisher,
  type Pin,
  type PublisherRule,
  type RegistryRule,
} from '@sheaf/client';
import { defineCommand } from '../frame/command.js';
import type { TrustListJson } from '../json/trust-list.js';
import { loadPolicy, userPolicyPath } from '../registry/policy-files.js';
import { hasPins, trustDirOf } from '../registry/log-key.js';
import { section } from '../output/section.js';
import { printable } from '../terminal/escape.js';
import { formatDay, hangText, shortId } from '../terminal/text.js';

interface TrustData {
  readonly file: string;
  readonly mode: string;
  readonly modeFrom: string;
  /** The files that were found. */
  readonly files: readonly { readonly layer: string; readonly file: string }[];
  readonly minReleaseAgeMs: number;
  readonly onSignerChange: string;
  readonly onYanked: string;
  readonly rules: readonly PublisherRule[];
  readonly registryRules: readonly RegistryRule[];
  readonly witnesses?: { readonly names: readonly string[]; readonly quorum: string | null };
  readonly accepted: readonly AcceptedPublisher[];
  readonly registries: readonly {
    readonly url: string;
    readonly origin: string;
    readonly logKey: string;
    readonly pinnedAt: string;
    readonly logs: readonly { readonly realm: string; readonly size: number; readonly checkedAt: string }[];
  }[];
}

export const list = defineCommand<TrustData, TrustListJson>({
  name: 'trust list',
  about:
    'Show the rules with file and line, the publishers accepted at first use, and the pinned registries.',
  positionals: { names: [], required: 0 },
  flags: [],
  examples: ['sheaf trust list', 'sheaf trust list --json'],
  exitCodes: [0, 2],
  run: async (context) => {
    const { policy, layers, witnesses } = await loadPolicy(context);
    const store = hasPins(context) ? await openTrustStore(trustDirOf(context)) : undefined;
    const accepted = (await store?.listAccepted()) ?? [];
    const pins = (await store?.listPins()) ?? [];
    return {
      data: {
        file: userPolicyPath(context),
        mode: policy.mode,
        modeFrom: policy.modeFrom,
        files: (['machine', 'user', 'project'] as const).flatMap((layer) => {
          const file = layers[layer]?.file;
          return file === undefined ? [] : [{ layer, file }];
        }),
        minReleaseAgeMs: Math.max(policy.minReleaseAgeMs, policy.projectMinReleaseAgeMs),
        onSignerChange: policy.onSignerChange,
        onYanked: policy.onYanked,
        rules: policy.publishers,
        registryRules: policy.registries,
        ...(witnesses === undefined
          ? {}
          : {
              witnesses: {
                names: witnesses.witnesses.map(({ name }) => name),
                quorum: witnesses.quorum ?? null,
              },
            }),
        accepted: [...accepted].sort((a, b) => (a.namespace < b.namespace ? -1 : 1)),
        registries: pins.map(describePin),
      },
    };
  },
  render: (data, { columns }) => ({
    answer: [
      ...hangText(
        'policy  ',
        `mode ${data.mode} (${printable(data.modeFrom)})${data.minReleaseAgeMs === 0 ? '' : ` · at least ${durationText(data.minReleaseAgeMs)} old`} · signer change ${data.onSignerChange} · yanked ${data.onYanked}`,
        columns,
      ),
      ...section(
        columns,
        'policy files',
        data.files.map(({ layer, file }) => [layer, printable(file)]),
      ),
      ...section(columns, 'rules', data.rules.map(describeRule)),
      ...section(columns, 'registry rules', data.registryRules.map(describeRegistryRule)),
      ...section(
        columns,
        'witnesses',
        data.witnesses === undefined
          ? []
          : [
              [
                printable(data.witnesses.names.join(', ')),
                `quorum ${printable(data.witnesses.quorum ?? 'none')}`,
              ],
            ],
      ),
      ...section(
        columns,
        'accepted at first use',
        data.accepted.map(({ namespace, origin, keys, threshold, acceptedAt, how }) => [
          namespace,
          printable(origin),
          keysText(threshold, keys),
          `${formatDay(acceptedAt)}, ${HOW[how]}`,
        ]),
      ),
      ...section(
        columns,
        'pinned registries',
        data.registries.map(({ url, logKey, pinnedAt, logs }) => [
          url,
          `log key ${logKey.split('+')[1] ?? ''}`,
          `pinned ${formatDay(pinnedAt)}`,
          logs.map(({ realm, size }) => `log ${realm} seen to entry ${size}`).join(', '),
        ]),
      ),
      ...(data.rules.length === 0
        ? hangText(
            'no rules: ',
            `sheaf trust add NAMESPACE --key KEYID  makes one in ${printable(data.file)}`,
            columns,
          )
        : []),
    ].join('\n'),
  }),
});

/** How somebody came to be accepted. */
const HOW: Readonly<Record<AcceptedPublisher['how'], string>> = {
  asked: 'asked',
  flag: 'by --yes',
  endorsed: 'endorsed by an accepted key',
};

function describePin(pin: Pin): TrustData['registries'][number] {
  const { url, origin, logKey, pinnedAt, realms } = pin;
  const logs = [...realms].map(([realm, { checkedAt }]) => ({
    realm,
    size: Number((checkpointOf(pin, realm) ?? '').split('\n', 2)[1]),
    checkedAt,
  }));
  return { url, origin, logKey, pinnedAt, logs };
}

function describeRule(rule: PublisherRule): readonly string[] {
  const { namespace, registry, keys, oidc, threshold, deny, minReleaseAgeMs, place, layer } = rule;
  const listed = keysText(threshold, keys);
  const what = deny ? 'denied' : oidc === undefined ? listed : printable(demandOf(rule));
  const age = minReleaseAgeMs === undefined ? '' : `, at least ${durationText(minReleaseAgeMs)} old`;
  return [
    `${namespace}${registry === undefined ? '' : ` at ${registry}`}`,
    `${what}${age}${layer === 'project' ? ' as well' : ''}`,
    `${printable(place.file)}:${place.line}`,
  ];
}

/** `key 9c1f…e07a`, `any of the keys …`, `2 of the keys …`. */
function keysText(threshold: number, keys: readonly KeyId[]): string {
  const names = keys.map(shortId).join(', ');
  if (keys.length === 1) return `key ${names}`;
  return `${threshold === 1 ? 'any' : threshold} of the keys ${names}`;
}

function describeRegistryRule({ origin, logKey, maxAgeMs, place }: RegistryRule): readonly string[] {
  const demands = [
    ...(logKey === undefined ? [] : [`log key ${logKey.split('+')[1] ?? ''}`]),
    ...(maxAgeMs === undefined ? [] : [`checkpoints at most ${durationText(maxAgeMs)} old`]),
  ];
  return [origin, demands.join(', '), `${printable(place.file)}:${place.line}`];
}
