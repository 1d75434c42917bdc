import { resolve } from 'node:path';
import { openRunPolicy } from '@sheaf/client';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { PolicyVerifyJson } from '../json/policy-verify.js';
import { loadPolicy, readTrusted } from '../registry/policy-files.js';
import { printable } from '../terminal/escape.js';
import { shortId } from '../terminal/text.js';

export const verify = defineCommand<PolicyVerifyJson, PolicyVerifyJson>({
  name: 'policy verify',
  about:
    'Verify a signed policy with the keys that the trust.toml of machine and user pin, before it is put in its place.',
  positionals: { names: ['FILE'], required: 1, completes: ['file'] },
  flags: [],
  examples: ['sheaf policy verify policy.json', 'sheaf policy verify /etc/sheaf/policy.json --json'],
  exitCodes: [0, 2, 3, 4],
  run: async (context, input) => {
    const [file = ''] = input.positionals;
    const { layers } = await loadPolicy(context);
    const text = await readTrusted(resolve(context.cwd, file));
    if (text === undefined)
      throw new CliError('file.not_found', `${file}: there is no such file`, { hint: 'correct its name' });
    const keys = [...(layers.machine?.policyKeys ?? []), ...(layers.user?.policyKeys ?? [])];
    const { version, expiresMs, signers, sha256 } = openRunPolicy(text, { file, keys, nowMs: context.now() });
    return {
      data: {
        file,
        version,
        ...(expiresMs === undefined ? {} : { expiresAt: new Date(expiresMs).toISOString() }),
        signers: signers.map(({ id }) => id),
        sha256,
      },
    };
  },
  render: ({ file, version, expiresAt, signers }) => ({
    answer: `verified ${printable(file)}: version ${version}, signed by ${signers.map(shortId).join(', ')}${expiresAt === undefined ? '' : `, until ${expiresAt.slice(0, 10)}`}`,
  }),
});
