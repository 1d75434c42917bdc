import type { RunLimits } from '@sheaf/client';
import { defineCommand } from '../frame/command.js';
import type { PolicyShowJson } from '../json/policy-show.js';
import { renderFacts } from '../output/facts.js';
import { limitFacts } from '../output/run-policy.js';
import { loadRunPolicy } from '../policy/load-run-policy.js';
import { printable } from '../terminal/escape.js';
import { shortId } from '../terminal/text.js';

interface Shown {
  readonly policies: readonly {
    readonly layer: 'machine' | 'user' | 'project';
    readonly limits: RunLimits;
    readonly version?: number;
    readonly expiresAt?: string;
    readonly signers?: readonly string[];
  }[];
}

export const show = defineCommand<Shown, PolicyShowJson>({
  name: 'policy show',
  about:
    'Show what runs here are held to, by which files, and who signed them; fails where one cannot be believed.',
  positionals: { names: [], required: 0 },
  flags: [],
  examples: ['sheaf policy show', 'sheaf policy show --json'],
  exitCodes: [0, 2, 3],
  run: async (context) => {
    const { signed, project } = await loadRunPolicy(context);
    return {
      data: {
        policies: [
          ...signed.map(({ layer, version, expiresMs, signers, limits }) => ({
            layer,
            version,
            ...(expiresMs === undefined ? {} : { expiresAt: new Date(expiresMs).toISOString() }),
            signers: signers.map(({ id }) => id),
            limits,
          })),
          ...(project === undefined ? [] : [{ layer: 'project' as const, limits: project }]),
        ],
      },
    };
  },
  toJson: ({ policies }) => ({
    policies: policies.map(({ limits: { place, ...limits }, ...rest }) => ({ ...rest, ...place, ...limits })),
  }),
  render: ({ policies }, { columns, style }) =>
    policies.length === 0
      ? { talk: 'no policy: runs are held to what their workflows declare. How to write one: docs/POLICY.md' }
      : {
          answer: policies
            .map(({ layer, limits, version, expiresAt, signers }) => {
              const facts = [
                ...(version === undefined ? [] : [`version ${version}`]),
                signers === undefined
                  ? 'not signed: it only takes away'
                  : `signed by ${signers.map(shortId).join(', ')}`,
                ...(expiresAt === undefined ? [] : [`until ${expiresAt.slice(0, 10)}`]),
              ];
              return [
                `${style.bold(layer)}  ${printable(limits.place.file)} · ${facts.join(' · ')}`,
                ...renderFacts(limitFacts(limits), columns, style),
              ].join('\n');
            })
            .join('\n\n'),
        },
});
