import { dirname, join, resolve } from 'node:path';
import { encodeBase64, encodeEnvelope, PAYLOAD_TYPE_POLICY, signEnvelope, spkiOf } from '@sheaf/bundle';
import { parseRunPolicy } from '@sheaf/client';
import { replaceFile } from '../config/replace-file.js';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { PolicySignJson } from '../json/policy-sign.js';
import { chooseSigningKey } from '../keys/signing-key.js';
import { readTrusted } from '../registry/policy-files.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import { shortId } from '../terminal/text.js';

export const sign = defineCommand<PolicySignJson, PolicySignJson>({
  name: 'policy sign',
  about: 'Check a policy.toml and sign it; says what to pin, so that it is believed.',
  positionals: { names: ['FILE'], required: 1, completes: ['file'] },
  flags: [
    { name: 'key', value: 'NAME', completes: 'key', summary: 'sign with this key' },
    {
      name: 'output',
      short: 'o',
      value: 'FILE',
      completes: 'file',
      summary: 'write it there (default: policy.json beside it)',
    },
  ],
  examples: [
    'sheaf policy sign policy.toml --key security',
    'sheaf policy sign policy.toml -o /etc/sheaf/policy.json',
  ],
  exitCodes: [0, 1, 2, 4, 5],
  run: async (context, input) => {
    const [source = ''] = input.positionals;
    const path = resolve(context.cwd, source);
    const text = await readTrusted(path);
    if (text === undefined)
      throw new CliError('file.not_found', `${source}: there is no such file`, {
        hint: 'how to write one: docs/POLICY.md',
      });
    const { version, expiresMs } = parseRunPolicy(text, source);
    const { key, label } = await chooseSigningKey(context, input.get('key'));
    const given = input.get('output');
    const file = given === undefined ? join(dirname(path), 'policy.json') : resolve(context.cwd, given);
    const envelope = signEnvelope(PAYLOAD_TYPE_POLICY, Buffer.from(text, 'utf8'), [key]);
    await replaceFile(file, `${Buffer.from(encodeEnvelope(envelope)).toString('utf8')}\n`, { mode: 0o644 });
    return {
      data: {
        file,
        version,
        ...(expiresMs === undefined ? {} : { expiresAt: new Date(expiresMs).toISOString() }),
        key: { id: key.publicKey.id, name: label },
        publicKey: encodeBase64(spkiOf(key.publicKey)),
      },
    };
  },
  render: ({ file, version, key, publicKey }) => ({
    talk: [
      `version ${version}, signed with ${shortId(key.id)} (${printable(key.name)})`,
      'believed where a trust.toml of machine or user pins the key, in its first lines:',
      `  policy_keys = ["${publicKey}"]`,
      `then put it in place: /etc/sheaf/policy.json, or policy.json beside that trust.toml; look at it: sheaf policy verify ${shellWord(file)}`,
    ].join('\n'),
    answer: printable(file),
  }),
});
