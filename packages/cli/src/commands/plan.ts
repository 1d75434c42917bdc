import type { Plan } from '@sheaf/workflow';
import { defineCommand } from '../frame/command.js';
import type { PlanJson } from '../json/plan.js';
import { renderPlan } from '../output/plan.js';
import { describeState, fetchVerified } from '../registry/fetch.js';
import { REGISTRY_FLAG, withSession, YES_FLAG } from '../registry/session.js';
import { bindPlan, PARAMETER_FLAG, readParameters } from '../run/parameters.js';
import { readSubject } from '../run/subject.js';
import { shortId } from '../terminal/text.js';
import { assertValid, readSource } from '../workflow/source.js';

interface Planned {
  readonly plan: Plan;
  readonly signedBy: readonly string[];
  readonly warnings: readonly string[];
}

export const command = defineCommand<Planned, PlanJson>({
  name: 'plan',
  about: 'Show what a workflow would run, with these parameters; nothing is run.',
  positionals: { names: ['REF|PATH'], required: 1 },
  flags: [PARAMETER_FLAG, { name: 'offline', summary: 'use the cache alone' }, YES_FLAG, REGISTRY_FLAG],
  examples: ['sheaf plan acme/release-notes@^1 -p since=v1.0', 'sheaf plan . --json'],
  exitCodes: [0, 3, 4, 5, 6, 7],
  run: async (context, input) => {
    const subject = readSubject(input.positionals[0] ?? '', context.cwd);
    const given = readParameters(input.all('param'));
    if (subject.kind === 'local') {
      const source = await readSource(subject.path, context.cwd);
      assertValid(source);
      return { data: { plan: bindPlan(source.definition, given, context.cwd), signedBy: [], warnings: [] } };
    }
    return withSession(context, input, async (session) => {
      const options = { yes: input.has('yes'), offline: input.has('offline') };
      const fetched = await fetchVerified(context, session, subject.reference, options);
      const plan = bindPlan(fetched.workflow.bundle.definition, given, context.cwd);
      return {
        data: {
          plan,
          signedBy: fetched.workflow.signers.map((signer) => signer.id),
          warnings: describeState(fetched),
        },
      };
    });
  },
  render: (data, { style, talkStyle }) => ({
    talk:
      data.signedBy.length === 0
        ? 'unsigned: your working tree'
        : `verified, signed by ${data.signedBy.map((id) => shortId(id)).join(', ')}`,
    answer: renderPlan(data.plan, style),
    epilogue: data.warnings.map((line) => `${talkStyle.yellow('warning:')} ${line}`).join('\n'),
  }),
});
