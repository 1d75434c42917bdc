import { formatReference, registryIdOf, type Reference } from '@sheaf/client';
import { defineCommand } from '../frame/command.js';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { PLAIN } from '../terminal/style.js';
import { shortId } from '../terminal/text.js';
import { renderPlan } from '../output/plan.js';
import { exitCodeOfRun, renderRun } from '../output/run.js';
import { describeState, fetchVerified } from '../registry/fetch.js';
import { ALLOW_YOUNG_FLAG } from '../registry/policy.js';
import { REGISTRY_FLAG, withSession, YES_FLAG } from '../registry/session.js';
import { unpackForRun } from '../run/bundle-folder.js';
import { ensureConsent } from '../run/consent.js';
import { execute, withEngine, type RunData } from '../run/execute.js';
import { bindPlan, PARAMETER_FLAG, readParameters } from '../run/parameters.js';
import { readSubject } from '../run/subject.js';
import { assertValid, readSource } from '../workflow/source.js';

export const command = defineCommand<RunData>({
  name: 'run',
  about: 'Run a workflow: a published one after verifying it and asking, or a folder of your own.',
  positionals: { names: ['REF|PATH'], required: 1 },
  flags: [
    PARAMETER_FLAG,
    { name: 'offline', summary: 'use the cache alone' },
    { name: 'max-parallel', value: 'N', summary: 'steps at the same time (default: processors)' },
    ALLOW_YOUNG_FLAG,
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: ['sheaf run acme/release-notes -p since=v1.0', 'sheaf run ./my-flow -p who=world'],
  exitCodes: [0, 3, 4, 5, 6, 7, 8, 130],
  run: async (context, input) => {
    const subject = readSubject(input.positionals[0] ?? '', context.cwd);
    const data =
      subject.kind === 'local'
        ? await runLocal(context, input, subject.path)
        : await runPublished(context, input, subject.reference);
    return { data, exitCode: exitCodeOfRun(data.status) };
  },
  jsonSummary: 'print each event as a line of JSON; the last line is the result',
  render: renderRun,
});

async function runLocal(context: Context, input: Input, path: string): Promise<RunData> {
  const source = await readSource(path, context.cwd);
  assertValid(source);
  const plan = bindPlan(source.definition, readParameters(input.all('param')), context.cwd);
  const maxParallel = readMaxParallel(input.get('max-parallel'));
  const origin = { kind: 'local', path: source.dir } as const;
  context.ui.say(`unsigned: ${path} (your working tree)`);
  return withEngine(context, (engine) =>
    execute(context, engine, {
      plan,
      source: origin,
      warnings: [],
      start: (_engine, control) =>
        engine.run({
          plan,
          source: origin,
          bundleDir: source.dir,
          cwd: context.cwd,
          ...maxParallel,
          ...control,
        }),
    }),
  );
}

async function runPublished(context: Context, input: Input, reference: Reference): Promise<RunData> {
  const given = readParameters(input.all('param'));
  const maxParallel = readMaxParallel(input.get('max-parallel'));
  return withSession(context, input, async (session) => {
    const yes = input.has('yes');
    const allowYoung = input.all('allow-young');
    const options = { yes, allowYoung, offline: input.has('offline') };
    const fetched = await fetchVerified(context, session, reference, options);
    const { workflow } = fetched;
    const { definition } = workflow.bundle;
    const plan = bindPlan(definition, given, context.cwd);
    const signers = workflow.signers.map((signer) => signer.id);
    await ensureConsent(
      context,
      {
        registry: registryIdOf(fetched.pin),
        id: workflow.id,
        version: workflow.version,
        signers,
        permissions: definition.permissions,
      },
      { yes, reference: formatReference(reference), showPlan: () => renderPlan(plan, PLAIN) },
    );
    context.ui.say(
      `${workflow.id} ${workflow.version} verified · signed by ${signers.map((id) => shortId(id)).join(', ')} · log #${workflow.logIndex}${fetched.resolution === undefined ? ' · offline, freshness not checked' : ''}`,
    );
    const source = {
      kind: 'registry',
      id: workflow.id,
      version: workflow.version,
      digest: workflow.digest,
      signer: signers.join(','),
    } as const;
    return withEngine(context, async (engine) => {
      const folder = await unpackForRun(context.paths.state(), workflow, session.choice.url);
      let status: RunData['status'] | undefined;
      try {
        const data = await execute(context, engine, {
          plan,
          source,
          warnings: describeState(fetched),
          start: (_engine, control) =>
            engine.run({
              plan,
              source,
              bundleDir: folder.bundleDir,
              cwd: context.cwd,
              ...maxParallel,
              ...control,
            }),
        });
        ({ status } = data);
        return data;
      } finally {
        await folder.close({ keepOrigin: status === 'cancelled' });
      }
    });
  });
}

function readMaxParallel(text: string | undefined): { readonly maxParallel?: number } {
  if (text === undefined) return {};
  if (/^[1-9]\d{0,3}$/.test(text)) return { maxParallel: Number(text) };
  throw new CliError(
    'usage.max_parallel',
    `--max-parallel ${JSON.stringify(text)} is not a number from 1 to 9999`,
    { hint: '--max-parallel 4' },
  );
}
