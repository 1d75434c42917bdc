import { keyAddEvent, type KeysInForce } from '@sheaf/client';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { KeyRegisterJson } from '../json/key-register.js';
import { openKeyStore } from '../keys/key-store.js';
import { chooseSigningKey, chooseSigningKeys } from '../keys/signing-key.js';
import {
  EVENT_FLAG,
  openKeyDesk,
  renderOutcome,
  signAndSubmit,
  type EventOutcome,
} from '../keys/submit-event.js';
import { REGISTRY_FLAG, withSession, YES_FLAG } from '../registry/session.js';
import { shellWord } from '../terminal/shell.js';
import { shortId } from '../terminal/text.js';

interface Registered extends EventOutcome {
  readonly key: { readonly id: string; readonly name: string };
  readonly recovery: boolean;
}

export const register = defineCommand<Registered, KeyRegisterJson>({
  name: 'key register',
  about: 'Register a key for a namespace: signed by itself, and by keys that are registered already.',
  positionals: { names: ['NS'], completes: ['namespace'], required: 1 },
  flags: [
    { name: 'key', value: 'NAME', completes: 'key', summary: 'the key to register' },
    {
      name: 'endorse',
      value: 'NAME',
      completes: 'key',
      repeat: true,
      summary: 'a registered key of yours that vouches for it',
    },
    {
      name: 'recover',
      summary:
        'fresh authentication of an owner vouches instead of a key; readers refuse it until they have been told another way',
    },
    EVENT_FLAG,
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: [
    'sheaf key register acme --key desktop --endorse laptop',
    'sheaf key register acme --key desktop --endorse laptop --event desktop.json',
  ],
  exitCodes: [0, 1, 3, 4, 5, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      const [namespace = ''] = input.positionals;
      const desk = await openKeyDesk(context, session, { namespace, yes: input.has('yes') });
      const recovery = input.has('recover');
      const endorse = input.all('endorse');
      const place = { registry: desk.pin.origin, namespace: desk.namespace };
      const { key, label } = await chooseSigningKey(context, input.get('key'), [place]);
      const file = input.get('event');
      const known = desk.history.keys.find(({ keyid }) => keyid === key.publicKey.id);
      if (known?.revoked !== undefined) {
        throw new CliError('key.revoked', `the key ${label} was revoked at log #${known.revoked.index}`, {
          hint: 'a revoked key is never added again: sheaf key generate --name NAME makes another',
        });
      }
      if (
        known === undefined &&
        endorse.length === 0 &&
        !recovery &&
        file === undefined &&
        desk.history.keys.length > 0
      ) {
        throw endorserNeeded(desk.history, {
          namespace: desk.namespace,
          name: label,
          own: await openKeyStore(context.paths.config(), context.ui.warn).list(),
        });
      }
      const endorsers = endorse.length === 0 ? [] : await chooseSigningKeys(context, endorse);
      const outcome = await signAndSubmit(context, session, desk, {
        event: keyAddEvent(place, key.publicKey, { recovery }),
        signers: [key, ...endorsers.map((each) => each.key)],
        file,
      });
      return { data: { ...outcome, key: { id: key.publicKey.id, name: label }, recovery } };
    }),
  render: (data) => ({
    talk: [
      ...(data.status === 'logged'
        ? [
            `key ${shortId(data.key.id)} (${data.key.name}) may sign for ${data.namespace} from now on${data.recovery ? ', by recovery: whoever trusted the earlier keys is refused what it signs (key.recovery) until they allow it themselves' : ''}`,
          ]
        : []),
      ...renderOutcome(data),
    ].join('\n'),
    answer: data.file ?? data.key.id,
  }),
});

/** The error that names the keys on this machine that could endorse. */
function endorserNeeded(
  history: KeysInForce,
  asked: {
    readonly namespace: string;
    readonly name: string;
    readonly own: readonly { readonly name: string; readonly publicKey: { readonly id: string } }[];
  },
): CliError {
  const active = new Set(
    history.keys
      .filter(({ revoked }) => revoked === undefined)
      .map(({ publicKey }) => publicKey.id as string),
  );
  const here = asked.own.filter(({ publicKey }) => active.has(publicKey.id)).map(({ name }) => name);
  const again = `sheaf key register ${asked.namespace} --key ${shellWord(asked.name)}`;
  return new CliError(
    'key.endorsement_required',
    `${asked.namespace} has keys, and none of them vouches for this one`,
    {
      evidence: [`registered: ${[...active].map(shortId).join(', ') || 'none that is not revoked'}`],
      hint:
        here[0] === undefined
          ? [
              `let somebody who holds one sign: ${again} --event FILE`,
              `when none is left: ${again} --recover`,
            ]
          : `${again} --endorse ${here[0]}`,
    },
  );
}
