import { checkpointOf, registryIdOf, type Pin, type TrustStore } from '@sheaf/client';
import { normaliseRegistryUrl } from '../config/registry-url.js';
import { defineCommand } from '../frame/command.js';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { TrustForgetJson } from '../json/trust-forget.js';
import { agreeToChange } from '../registry/agreement.js';
import { settingsOf } from '../registry/choose.js';
import { loadPolicy } from '../registry/policy-files.js';
import { YES_FLAG } from '../registry/session.js';
import { findTrustStore } from '../registry/trust-edit.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import { formatDay } from '../terminal/text.js';

export const forget = defineCommand<TrustForgetJson, TrustForgetJson>({
  name: 'trust forget',
  about:
    'Take the pin of a registry back: its log key, what was seen of its logs, and whom you accepted there. The next contact is a first one, and asks.',
  positionals: { names: ['REGISTRY'], required: 1, completes: ['registry'] },
  flags: [
    { name: 'log-key', value: 'VKEY', summary: 'the key that is pinned; --yes needs it' },
    { ...YES_FLAG, summary: 'agree to it, for the key that --log-key names' },
  ],
  examples: [
    'sheaf trust forget https://old.example.com',
    "sheaf trust forget corp --log-key 'wf.example.com/log/public+1a2b3c4d+AY…' --yes",
  ],
  exitCodes: [0, 2, 4, 5],
  run: async (context, input) => {
    const store = await findTrustStore(context);
    const { pin, pins } = await findNamed(context, store, input.positionals[0] ?? '');
    assertNamed(pin, input);
    const id = registryIdOf(pin);
    const accepted = ((await store?.listAccepted()) ?? []).filter(({ registry }) => registry === id);
    const gone = {
      registry: pin.url,
      origin: pin.origin,
      logKey: pin.logKey,
      pinnedAt: pin.pinnedAt,
      logs: [...pin.realms.keys()].map((realm) => ({ realm, size: sizeOf(pin, realm) })),
      forgotten: accepted.map(({ namespace }) => namespace).sort(),
      others: pins
        .filter(({ url, logKey }) => url !== pin.url && logKey === pin.logKey)
        .map(({ url }) => url),
    };
    await agreeToChange(context, {
      what: `${pin.url} was pinned on ${formatDay(pin.pinnedAt)}`,
      effect: [...effectOf(gone), ...(await rulesFor(context, pin))],
      act: 'forget it',
      yes: input.has('yes'),
    });
    await store?.unpin(pin);
    for (const namespace of gone.forgotten) await store?.forget(id, namespace);
    return { data: gone };
  },
  render: ({ registry }) => ({
    answer: `${registry} is not pinned any more`,
    talk: `to accept a key for it again: sheaf login ${shellWord(registry)}`,
  }),
});

/** What is lost, a line each. */
function effectOf({ logKey, logs, forgotten, others }: TrustForgetJson): readonly string[] {
  return [
    `log key ${printable(logKey)}`,
    'another key at this address is not noticed as another any more: compare the next one with what its operator publishes',
    ...logs.map(
      ({ realm, size }) =>
        `log ${printable(realm)} was seen to entry ${size}: one that was cut back or rewritten since is not noticed any more`,
    ),
    ...(forgotten.length === 0 ? [] : [`accepted there, and forgotten with it: ${forgotten.join(', ')}`]),
    'what sheaf.lock has of it is refused until a key is accepted again',
    ...others.map((url) => `the same registry stays pinned at ${url}`),
  ];
}

/** Rules that demand a log key hold all the same. */
async function rulesFor(context: Context, { origin }: Pin): Promise<readonly string[]> {
  const { policy } = await loadPolicy(context);
  return policy.registries
    .filter((rule) => rule.origin === origin && rule.logKey !== undefined)
    .map(({ place }) => `${printable(place.file)}:${place.line} still demands its log key`);
}

/** What nobody is asked about names the key: a script that was written for one forgets no other. */
function assertNamed(pin: Pin, input: Input): void {
  const given = input.get('log-key');
  if (given === undefined && input.has('yes')) {
    throw new CliError('approval.required', '--yes forgets no pin whose key is not named', {
      evidence: [`pinned  ${pin.logKey}`],
      hint: `when it is this one: sheaf trust forget ${shellWord(pin.url)} --log-key ${shellWord(pin.logKey)} --yes`,
    });
  }
  if (given === undefined || given === pin.logKey) return;
  throw new CliError('trust.not_found', `the log key pinned for ${pin.url} is another one`, {
    evidence: [`pinned  ${pin.logKey}`, `given   ${printable(given)}`],
    hint: 'nothing was forgotten; sheaf trust list  shows what is pinned',
  });
}

/** The pin that an address, a name of the user's configuration, or an origin stands for. */
async function findNamed(
  context: Context,
  store: TrustStore | undefined,
  word: string,
): Promise<{ readonly pin: Pin; readonly pins: readonly Pin[] }> {
  const pins = (await store?.listPins()) ?? [];
  const { registries } = await settingsOf(context);
  const url = word.includes('://') ? normaliseRegistryUrl(word) : registries.get(word)?.url;
  const found = pins.filter((pin) => (url === undefined ? pin.origin === word : pin.url === url));
  const [pin] = found;
  if (pin === undefined) {
    throw new CliError('trust.not_found', `nothing is pinned for ${printable(word)}`, {
      hint: 'sheaf trust list  shows what is',
    });
  }
  if (found.length === 1) return { pin, pins };
  throw new CliError('usage.registry', `${printable(word)} is pinned at ${found.length} addresses`, {
    evidence: found.map((each) => `pinned  ${each.url}`),
    hint: `name the address: sheaf trust forget ${shellWord(pin.url)}`,
  });
}

function sizeOf(pin: Pin, realm: string): number {
  return Number((checkpointOf(pin, realm) ?? '').split('\n', 2)[1]);
}
