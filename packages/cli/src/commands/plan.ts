import type { Plan } from '@sheaf/workflow';
import { defineCommand, omit } from '../frame/command.js';
import type { PlanJson } from '../json/plan.js';
import { renderPlan } from '../output/plan.js';
import { describeState } from '../registry/fetch.js';
import { REGISTRY_FLAG, YES_FLAG } from '../registry/session.js';
import { describeUnsigned, fetchTarget } from '../run/fetch-target.js';
import { bindPlan, PARAMETER_FLAG, readParameters } from '../run/parameters.js';
import { shortId } from '../terminal/text.js';
import { shellWord } from '../terminal/shell.js';
import { findersOf, planOptions } from '../uses/used-workflows.js';
import { usedBy, withUsed } from '../uses/with-used.js';
import { OVERLAY_FLAGS } from '../workflow/overlays.js';

interface Planned {
  readonly plan: Plan;
  readonly signedBy: readonly string[];
  readonly warnings: readonly string[];
  /** Where it comes from, when nobody signed it. */
  readonly unsigned?: string;
}

export const command = defineCommand<Planned, PlanJson>({
  name: 'plan',
  about: 'Show what a workflow would run, with these parameters; nothing is run.',
  positionals: {
    names: ['NAME|REF|PATH|FILE'],
    required: 1,
    completes: [['name', 'reference', 'folder', 'file']],
  },
  flags: [
    PARAMETER_FLAG,
    { name: 'locked', summary: 'what sheaf.lock holds (in CI always)' },
    { name: 'offline', summary: 'use the cache alone' },
    ...OVERLAY_FLAGS,
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: ['sheaf plan acme/release-notes@^1 -p since=v1.0', 'sheaf plan . --json'],
  exitCodes: [0, 1, 3, 4, 5, 6, 7],
  run: async (context, input) => {
    const given = readParameters(input.all('param'));
    const word = input.positionals[0] ?? '';
    const typed = `plan ${shellWord(word)}${input.has('locked') ? ' --locked' : ''}`;
    const options = { yes: input.has('yes'), offline: input.has('offline'), typed };
    const target = await fetchTarget(context, input, word, options, 'shown');
    if (target.kind === 'local') {
      const { source, used } = await withUsed(context, input, target, options);
      const plan = bindPlan(source.definition, given, context.cwd, planOptions(source, used));
      const unsigned = describeUnsigned(target.path);
      return { data: { plan, signedBy: [], warnings: used.warnings, unsigned } };
    }
    const used = await usedBy(context, input, target, options);
    const { workflow } = target.fetched;
    return {
      data: {
        plan: bindPlan(workflow.bundle.definition, given, context.cwd, findersOf(used)),
        signedBy: workflow.signers.map((signer) => signer.id),
        warnings: [...describeState(target.fetched), ...used.warnings],
      },
    };
  },
  toJson: (data) => omit(data, 'unsigned'),
  render: (data, { columns, style, talkStyle }) => ({
    talk:
      data.signedBy.length === 0
        ? (data.unsigned ?? '')
        : `verified, signed by ${data.signedBy.map((id) => shortId(id)).join(', ')}`,
    answer: renderPlan(data.plan, { columns, style }),
    epilogue: data.warnings.map((line) => `${talkStyle.yellow('warning:')} ${line}`).join('\n'),
  }),
});
