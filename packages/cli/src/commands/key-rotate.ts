import { rotateKey } from '@sheaf/client';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { KeyRotateJson } from '../json/key-rotate.js';
import { noteRevocations } from '../keys/revocations.js';
import { chooseSigningKey, chooseSigningKeys } from '../keys/signing-key.js';
import { openKeyDesk } from '../keys/submit-event.js';
import { AGREE_FLAG, agreeToChange } from '../registry/agreement.js';
import { REGISTRY_FLAG, withSession } from '../registry/session.js';
import { shortId } from '../terminal/text.js';

interface Rotated {
  readonly namespace: string;
  readonly from: { readonly id: string; readonly name: string };
  readonly to: { readonly id: string; readonly name: string };
  /** `kept` when an earlier try had done it. */
  readonly added: 'now' | 'kept';
  readonly revoked: 'now' | 'kept';
  readonly registry: string;
}

export const rotate = defineCommand<Rotated, KeyRotateJson>({
  name: 'key rotate',
  about:
    'Put a new key in the place of an old one. Repeat it when it was cut short: it goes on where it was.',
  positionals: { names: ['NS'], completes: ['namespace'], required: 1 },
  flags: [
    {
      name: 'from',
      value: 'NAME',
      completes: 'key',
      summary: 'the key to retire; what it signed stays valid',
    },
    { name: 'to', value: 'NAME', completes: 'key', summary: 'the key that takes its place' },
    {
      name: 'endorse',
      value: 'NAME',
      completes: 'key',
      repeat: true,
      summary: 'more registered keys, where several must sign',
    },
    AGREE_FLAG,
    REGISTRY_FLAG,
  ],
  examples: [
    'sheaf key rotate acme --from laptop --to laptop-2027',
    'sheaf key rotate acme --from laptop --to desktop --endorse token',
  ],
  exitCodes: [0, 1, 3, 4, 5, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      const [fromName, toName] = [input.get('from'), input.get('to')];
      if (fromName === undefined || toName === undefined) {
        throw new CliError('usage.missing_flag', 'a rotation needs the old key and the new one', {
          hint: 'sheaf key rotate NS --from OLD --to NEW',
        });
      }
      const [namespace = ''] = input.positionals;
      const desk = await openKeyDesk(context, session, { namespace, yes: input.has('yes') });
      const from = await chooseSigningKey(context, fromName);
      const to = await chooseSigningKey(context, toName);
      const endorse = input.all('endorse');
      const endorsers = endorse.length === 0 ? [] : await chooseSigningKeys(context, endorse);
      const { added, revoked } = await rotateKey({
        client: session.client,
        trust: await session.trust(),
        namespace: desk.namespace,
        origin: desk.pin.origin,
        from: from.key,
        to: to.key,
        endorsers: endorsers.map(({ key }) => key),
        signal: context.signal,
        beforeChange: () =>
          agreeToChange(context, {
            what: `${desk.namespace} at ${session.url}`,
            effect: [
              `key ${toName} signs from now on`,
              `key ${fromName} is revoked for good; what it signed stays valid`,
            ],
            act: 'rotate them',
            yes: input.has('yes'),
          }),
        onStep: (step) => {
          context.ui.say(
            step === 'added'
              ? `key ${toName} added, and proved by the log`
              : `key ${fromName} revoked as superseded`,
          );
        },
      });
      const place = { registry: desk.pin.origin, namespace: desk.namespace };
      const old = { keyid: from.key.publicKey.id, revoked: { reason: 'superseded' } };
      await noteRevocations(context, place, [old]);
      const describe = ({ key, label }: typeof from) => ({ id: key.publicKey.id, name: label });
      return {
        data: {
          namespace: desk.namespace,
          from: describe(from),
          to: describe(to),
          added,
          revoked,
          registry: session.url,
        },
      };
    }),
  render: (data) => ({
    talk: [
      ...(data.added === 'kept' && data.revoked === 'kept'
        ? ['it was done already; nothing was changed']
        : []),
      `${data.namespace}: ${shortId(data.to.id)} (${data.to.name}) signs in the place of ${shortId(data.from.id)} (${data.from.name}); what was published before stays valid`,
    ].join('\n'),
    answer: data.to.id,
  }),
});
