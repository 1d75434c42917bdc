import { formatReference, registryIdOf, type Reference } from '@sheaf/client';
import { defineCommand, omit } from '../frame/command.js';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { RunJson } from '../json/run.js';
import { PLAIN } from '../terminal/style.js';
import { shortId } from '../terminal/text.js';
import { renderPlan } from '../output/plan.js';
import { exitCodeOfRun, renderRun } from '../output/run.js';
import { fetchLocked } from '../project/fetch-locked.js';
import { listRunnable, renderRunnable, type RunnableList } from '../project/list-runnable.js';
import { readTarget, type LockedTarget, type PublishedTarget } from '../project/run-target.js';
import { fetchCarried } from '../registry/fetch-carry.js';
import {
  describeState,
  fetchVerified,
  findWithdrawal,
  type Fetched,
  type FetchOptions,
} from '../registry/fetch.js';
import { ALLOW_YOUNG_FLAG } from '../registry/policy.js';
import { REGISTRY_FLAG, withSession, withSessions, YES_FLAG } from '../registry/session.js';
import { unpackForRun } from '../run/bundle-folder.js';
import { ensureConsent } from '../run/consent.js';
import { execute, withEngine, type RunData } from '../run/execute.js';
import { bindPlan, PARAMETER_FLAG, readParameters } from '../run/parameters.js';
import { isCarryName } from '../workflow/carry-file.js';
import { assertValid, readSource } from '../workflow/source.js';

export const command = defineCommand<RunData | RunnableList, RunJson>({
  name: 'run',
  about:
    'Run a workflow: one that sheaf.toml names, a published one after verifying it and asking, or a folder of your own.',
  positionals: { names: ['NAME|REF|PATH|FILE'], required: 0 },
  flags: [
    PARAMETER_FLAG,
    { name: 'locked', summary: 'run exactly what sheaf.lock holds (in CI always)' },
    { name: 'offline', summary: 'use the cache alone' },
    { name: 'max-parallel', value: 'N', summary: 'steps at the same time (default: processors)' },
    ALLOW_YOUNG_FLAG,
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: ['sheaf run acme/release-notes -p since=v1.0', 'sheaf run deploy --locked --offline'],
  exitCodes: [0, 1, 3, 4, 5, 6, 7, 8, 130],
  run: async (context, input) => {
    const [word] = input.positionals;
    if (word === undefined) return { data: await listRunnable(context) };
    if (isCarryName(word)) {
      const data = await runCarried(context, input, word);
      return { data, exitCode: exitCodeOfRun(data.status) };
    }
    const target = await readTarget(context, input, word);
    const data =
      target.kind === 'local'
        ? await runLocal(context, input, target.path)
        : target.kind === 'locked'
          ? await runLocked(context, input, target)
          : await runPublished(context, input, target);
    return { data, exitCode: exitCodeOfRun(data.status) };
  },
  jsonSummary: 'print each event as a line of JSON; the last line is the result',
  toJson: (data) => ('workflows' in data ? data : omit(data, 'told')),
  render: (data, look) => ('workflows' in data ? renderRunnable(data, look) : renderRun(data, look)),
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

async function runPublished(
  context: Context,
  input: Input,
  { reference, url }: PublishedTarget,
): Promise<RunData> {
  const settings = readSettings(input);
  return withSession(
    context,
    input,
    async (session) => {
      const fetched = await fetchVerified(context, session, reference, settings);
      return runVerified(context, settings, fetched, { reference, url: session.choice.url });
    },
    url === undefined ? {} : { url },
  );
}

/** Runs a file that was carried here; nothing that it holds runs before all of it is verified. */
async function runCarried(context: Context, input: Input, file: string): Promise<RunData> {
  const settings = { ...readSettings(input), offline: true };
  if (input.has('locked')) {
    throw new CliError('usage.conflicting_flags', `${file} is a file, and no lockfile speaks of it`, {
      hint: 'leave out --locked, or name what sheaf.toml names',
    });
  }
  const fetched = await fetchCarried(context, file, settings);
  const { id, version } = fetched.workflow;
  return runVerified(context, settings, fetched, {
    reference: { id, selector: { kind: 'version', version } },
    url: fetched.pin.url,
  });
}

async function runLocked(context: Context, input: Input, target: LockedTarget): Promise<RunData> {
  const settings = readSettings(input);
  return withSessions(context, async (use) => {
    const fetched = await fetchLocked({ context, input, use }, target, settings);
    return runVerified(context, settings, fetched, { reference: target.reference, url: fetched.pin.url });
  });
}

/** What the flags say; read before anything is fetched. */
interface Settings extends FetchOptions {
  readonly given: ReturnType<typeof readParameters>;
  readonly maxParallel: { readonly maxParallel?: number };
}

function readSettings(input: Input): Settings {
  return {
    given: readParameters(input.all('param')),
    maxParallel: readMaxParallel(input.get('max-parallel')),
    yes: input.has('yes'),
    allowYoung: input.all('allow-young'),
    offline: input.has('offline'),
  };
}

/** Asks for what it may do, and runs what was verified. */
async function runVerified(
  context: Context,
  { given, maxParallel, yes, offline }: Settings,
  fetched: Fetched,
  { reference, url }: { readonly reference: Reference; readonly url: string },
): Promise<RunData> {
  const { workflow } = fetched;
  const { definition } = workflow.bundle;
  const plan = bindPlan(definition, given, context.cwd);
  const signers = workflow.signers.map((signer) => signer.id);
  const withdrawal = findWithdrawal(fetched);
  if (withdrawal !== undefined) context.ui.warn(withdrawal);
  await ensureConsent(
    context,
    {
      registry: registryIdOf(fetched.pin),
      id: workflow.id,
      version: workflow.version,
      // Who, and not with which key: a CI job has another one each time.
      signers: workflow.signerFacts.map(({ keyid }) => keyid),
      permissions: definition.permissions,
    },
    { yes, reference: formatReference(reference), showPlan: () => renderPlan(plan, PLAIN) },
  );
  context.ui.say(
    `${workflow.id} ${workflow.version} verified · signed by ${signers.map((id) => shortId(id)).join(', ')} · log #${workflow.logIndex}${offline ? ' · offline, freshness not checked' : ''}`,
  );
  const source = {
    kind: 'registry',
    id: workflow.id,
    version: workflow.version,
    digest: workflow.digest,
    signer: signers.join(','),
  } as const;
  return withEngine(context, async (engine) => {
    const folder = await unpackForRun(context.paths.state(), workflow, url);
    let status: RunData['status'] | undefined;
    try {
      const data = await execute(context, engine, {
        plan,
        source,
        warnings: describeState(fetched),
        told: withdrawal,
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
