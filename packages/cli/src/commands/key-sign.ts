import { addSignature } from '@sheaf/client';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { KeySignJson } from '../json/key-sign.js';
import { describeEvent } from '../keys/describe-event.js';
import { readEventFile, replaceEventFile } from '../keys/event-file.js';
import { chooseSigningKey } from '../keys/signing-key.js';
import { YES_FLAG } from '../registry/session.js';
import { shellWord } from '../terminal/shell.js';
import { plural, shortId } from '../terminal/text.js';

interface Signed {
  readonly file: string;
  readonly event: readonly string[];
  readonly key: { readonly id: string; readonly name: string };
  /** Signatures in the file now; whether they count, the registry decides. */
  readonly signatures: number;
}

export const sign = defineCommand<Signed, KeySignJson>({
  name: 'key sign',
  about: 'Add a signature to a key event that somebody wrote to a file; it shows what is signed, and asks.',
  positionals: { names: ['FILE'], completes: ['file'], required: 1 },
  flags: [{ name: 'key', value: 'NAME', completes: 'key', summary: 'sign with this key' }, YES_FLAG],
  examples: ['sheaf key sign policy.json --key token', 'sheaf key sign policy.json --key token --yes'],
  exitCodes: [0, 1, 3, 4, 5],
  run: async (context, input) => {
    const { path, envelope, event } = await readEventFile(context, input.positionals[0] ?? '');
    const lines = describeEvent(event);
    for (const line of ['this would', ...lines.map((each) => `  ${each}`)]) context.ui.say(line);
    if (!input.has('yes')) {
      if (!context.ui.canAsk) {
        throw new CliError('approval.required', 'there is no terminal to ask on whether to sign this', {
          hint: `sheaf key sign ${shellWord(input.positionals[0] ?? '')} --yes`,
        });
      }
      if (!(await context.ui.confirm('Sign it?')))
        throw new CliError('approval.refused', 'not agreed; nothing was signed', {
          hint: 'run the command again when you want to',
        });
    }
    const { key, label } = await chooseSigningKey(context, input.get('key'));
    const signed = addSignature(envelope, key);
    await replaceEventFile(path, signed);
    return {
      data: {
        file: path,
        event: lines,
        key: { id: key.publicKey.id, name: label },
        signatures: signed.signatures.length,
      },
    };
  },
  render: (data) => ({
    talk: [
      `signed with ${shortId(data.key.id)} (${data.key.name}), ${plural(data.signatures, 'signature')} in all`,
      `to send it: sheaf key submit ${shellWord(data.file)}`,
    ].join('\n'),
    answer: data.file,
  }),
});
