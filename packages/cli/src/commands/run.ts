import { join } from 'node:path';
import { formatReference, registryIdOf } from '@sheaf/client';
import type { SecretSource } from '@sheaf/engine';
import { defineCommand } from '../frame/command.js';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import type { RunJson } from '../json/run.js';
import type { RunListJson } from '../json/run-list.js';
import { PLAIN } from '../terminal/style.js';
import { shortId } from '../terminal/text.js';
import { renderPlan } from '../output/plan.js';
import { exitCodeOfRun, renderRun } from '../output/run.js';
import { toRunJson } from '../output/run-json.js';
import { holdRun, subjectsOf } from '../policy/hold-run.js';
import { listRunnable, renderRunnable, type RunnableList } from '../project/list-runnable.js';
import { isCarryName } from '../workflow/carry-file.js';
import { describeState, findWithdrawal, type FetchOptions } from '../registry/fetch.js';
import { ALLOW_YOUNG_FLAG } from '../registry/policy.js';
import { REGISTRY_FLAG, YES_FLAG } from '../registry/session.js';
import { unpackForRun } from '../run/bundle-folder.js';
import { askedFor } from '../run/asked-for.js';
import { ensureConsent } from '../run/consent.js';
import { execute, withEngine, type RunData } from '../run/execute.js';
import { fetchTarget, type Target } from '../run/fetch-target.js';
import { originOf } from '../run/local-origin.js';
import { MAX_PARALLEL_FLAG, readMaxParallel } from '../run/max-parallel.js';
import { bindPlan, PARAMETER_FLAG, readParameters } from '../run/parameters.js';
import { findersOf, planOptions, sayUsed, type UsedWorkflows } from '../uses/used-workflows.js';
import { usedBy, withUsed, type LocalWithUsed } from '../uses/with-used.js';
import { PROFILE_FLAG, readProfile } from '../run/profile.js';
import { startIsolated } from '../run/start-isolated.js';
import { REPORT_FLAGS, withReports } from '../run/report-files.js';
import { DOTENV_FLAG, secretsOf } from '../secrets/run-source.js';
import { hasWorkspace, readWorkspace, WORKSPACE_FLAGS, type WorkspaceWish } from '../run/workspace-choice.js';
import { shellWord } from '../terminal/shell.js';
import { OVERLAY_FLAGS, readOverlayFlags, type Overlaying } from '../workflow/overlays.js';

export const command = defineCommand<RunData | RunnableList, RunJson | RunListDocument>({
  name: 'run',
  about:
    'Run a workflow: one that sheaf.toml names, a published one after verifying it and asking, or a folder of your own.',
  positionals: {
    names: ['NAME|REF|PATH|FILE'],
    required: 0,
    completes: [['name', 'reference', 'folder', 'file']],
  },
  flags: [
    PARAMETER_FLAG,
    { name: 'locked', summary: 'run exactly what sheaf.lock holds (in CI always)' },
    { name: 'offline', summary: 'use the cache alone' },
    PROFILE_FLAG,
    DOTENV_FLAG,
    ...WORKSPACE_FLAGS,
    MAX_PARALLEL_FLAG,
    ...REPORT_FLAGS,
    ALLOW_YOUNG_FLAG,
    ...OVERLAY_FLAGS,
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: ['sheaf run acme/release-notes -p since=v1.0', 'sheaf run deploy --locked --offline'],
  exitCodes: [0, 1, 3, 4, 5, 6, 7, 8, 130],
  run: async (context, input) => {
    const [word] = input.positionals;
    if (word === undefined) return { data: await listRunnable(context) };
    const secrets = await secretsOf(context, input);
    const settings = { ...readSettings(context, input, word), secrets };
    const data = await withReports(context, input, async () => {
      const target = await fetchTarget(context, input, word, settings);
      return target.kind === 'local'
        ? runLocal(
            context,
            settings,
            await withUsed(context, input, target, settings),
            readOverlayFlags(input),
          )
        : runVerified(context, settings, target, await usedBy(context, input, target, settings));
    });
    return { data, exitCode: exitCodeOfRun(data.status) };
  },
  jsonSummary: 'print each event as a line of JSON; the last line is the result',
  toJson: (data) => ('workflows' in data ? { schema: 'sheaf.run-list/1', ...data } : toRunJson(data)),
  render: (data, look) => ('workflows' in data ? renderRunnable(data, look) : renderRun(data, look)),
});

/** Without a name there is no run: the document has a name of its own. */
type RunListDocument = { readonly schema: 'sheaf.run-list/1' } & RunListJson;

/** What the flags say; read before anything is fetched. */
interface Settings extends FetchOptions {
  readonly given: ReturnType<typeof readParameters>;
  readonly maxParallel: { readonly maxParallel?: number };
  readonly profile: ReturnType<typeof readProfile>;
  readonly workspace: WorkspaceWish;
}

function readSettings(context: Context, input: Input, word: string): Settings {
  return {
    given: readParameters(input.all('param')),
    maxParallel: readMaxParallel(input),
    profile: readProfile(input, context.env),
    workspace: readWorkspace(input, context),
    yes: input.has('yes'),
    allowYoung: input.all('allow-young'),
    offline: input.has('offline') || isCarryName(word),
    typed: `run ${shellWord(word)}${input.has('locked') ? ' --locked' : ''}`,
  };
}

interface SettingsAndSecrets extends Settings {
  readonly secrets: SecretSource;
}

async function runLocal(
  context: Context,
  { given, maxParallel, profile, workspace, secrets }: SettingsAndSecrets,
  { path, source, used }: LocalWithUsed,
  overlaying: Overlaying | undefined,
): Promise<RunData> {
  const options = planOptions(source, used);
  const plan = bindPlan(source.definition, given, context.cwd, options, hasWorkspace(workspace));
  const origin = originOf(source, overlaying, context.cwd);
  context.ui.say(`unsigned: ${path} (your working tree)`);
  sayUsed(context, used);
  const {
    profile: chosen,
    decisions,
    rules,
  } = await holdRun(context, {
    kind: 'local',
    subjects: [{ id: plan.workflow.id, permissions: plan.permissions }, ...subjectsOf(used.all)],
    chosen: profile,
    usual: { profile: 'permissive', by: 'default' },
  });
  return withEngine(
    context,
    async (engine) => {
      const { close, bundleDirs } = await unpackForRun(context.paths.state(), { plan, used: used.all });
      try {
        return await execute(context, engine, {
          plan,
          source: origin,
          warnings: used.warnings,
          definition: { path: join(source.dir, source.definitionPath), text: source.text },
          start: (_engine, control) =>
            engine.run({
              plan,
              source: origin,
              bundleDir: source.dir,
              ...(bundleDirs === undefined ? {} : { bundleDirs }),
              cwd: context.cwd,
              ...maxParallel,
              profile: chosen,
              decisions,
              ...(rules === undefined ? {} : { rules }),
              ...workspace,
              ...control,
            }),
        });
      } finally {
        await close();
      }
    },
    { secrets },
  );
}

/** Asks for what it may do, and runs what was verified. */
async function runVerified(
  context: Context,
  { given, maxParallel, profile, workspace, yes, offline, secrets }: SettingsAndSecrets,
  { fetched, reference, url }: Extract<Target, { kind: 'verified' }>,
  used: UsedWorkflows,
): Promise<RunData> {
  const { workflow } = fetched;
  const { definition } = workflow.bundle;
  const plan = bindPlan(definition, given, context.cwd, findersOf(used), hasWorkspace(workspace));
  const signers = workflow.signers.map((signer) => signer.id);
  const withdrawal = findWithdrawal(fetched);
  if (withdrawal !== undefined) context.ui.warn(withdrawal);
  const held = await holdRun(context, {
    kind: 'registry',
    subjects: subjectsOf([workflow, ...used.all]),
    chosen: profile,
    usual: { profile: 'secure', by: 'default' },
  });
  const consent = await ensureConsent(
    context,
    {
      registry: registryIdOf(fetched.pin),
      id: workflow.id,
      version: workflow.version,
      // Who, and not with which key: a CI job has another one each time.
      signers: workflow.signerFacts.map(({ keyid }) => keyid),
      permissions: askedFor(definition, plan, given),
      bundle: workflow.bundle,
    },
    {
      yes,
      reference: formatReference(reference),
      profile: held.profile,
      showPlan: () => renderPlan(plan, { columns: context.ui.stderr.columns(), style: PLAIN }),
    },
  );
  context.ui.say(
    `${workflow.id} ${workflow.version} verified · signed by ${signers.map((id) => shortId(id)).join(', ')} · log #${workflow.logIndex}${offline ? ' · offline, freshness not checked' : ''}`,
  );
  sayUsed(context, used);
  const source = {
    kind: 'registry',
    id: workflow.id,
    version: workflow.version,
    digest: workflow.digest,
    signer: signers.join(','),
    registry: url,
  } as const;
  return withEngine(
    context,
    async (engine) => {
      const { close, ...folders } = await unpackForRun(context.paths.state(), {
        workflow,
        plan,
        used: used.all,
      });
      try {
        return await execute(context, engine, {
          plan,
          source,
          warnings: [...describeState(fetched), ...used.warnings],
          told: withdrawal,
          provenance: { digest: workflow.digest, registry: url, signers, logIndex: workflow.logIndex },
          start: (_engine, control) =>
            startIsolated(context, held, (chosen) =>
              engine.run({
                plan,
                source,
                ...folders,
                cwd: context.cwd,
                ...chosen,
                decisions: [...chosen.decisions, consent],
                ...(held.rules === undefined ? {} : { rules: held.rules }),
                ...maxParallel,
                ...workspace,
                ...control,
              }),
            ),
        });
      } finally {
        await close();
      }
    },
    { secrets },
  );
}
