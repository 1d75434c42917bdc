import { randomBytes } from 'node:crypto';
import type { TrustStore } from '@sheaf/client';
import { findKeyring } from '../config/credentials.js';
import { failed, runChecks, type Check, type Finding } from '../doctor/check.js';
import { cacheCheck } from '../doctor/cache.js';
import { completionCheck } from '../doctor/completion.js';
import { areTokensOpen, folderChecks, privateFilesCheck } from '../doctor/folders.js';
import { keyringCheck } from '../doctor/keyring.js';
import { projectCheck } from '../doctor/project.js';
import { secretsCheck } from '../doctor/secrets.js';
import { registryCheck, type Configured, type RegistryDeps } from '../doctor/registries.js';
import { askVersion, toolChecks } from '../doctor/tools.js';
import { pinsCheck, trustCheck } from '../doctor/trust.js';
import { describeVersion } from '../doctor/versions.js';
import { defineCommand } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import type { DoctorJson } from '../json/doctor.js';
import { renderDiagnosis, type Diagnosis } from '../output/doctor.js';
import { chooseGiven, findUsual, settingsOf, type RegistryChoice } from '../registry/choose.js';
import { connect } from '../registry/connect.js';
import { hasPins, trustDirOf } from '../registry/log-key.js';
import { loadPolicy } from '../registry/policy-files.js';
import { tokenFor } from '../registry/stored-token.js';
import { openSecretStores } from '../secrets/stores.js';

/** All checks together: beyond this, what does not answer is told as such. */
const LIMIT_MS = 2500;
/** A registry that takes longer than this to answer does not. */
const ANSWER_MS = 2000;

export const command = defineCommand<Diagnosis, DoctorJson>({
  name: 'doctor',
  about:
    'Look at this machine and its registries, and say what is wrong and how to mend it. Changes nothing.',
  positionals: { names: [], required: 0 },
  flags: [],
  examples: ['sheaf doctor', 'sheaf doctor --json'],
  exitCodes: [0, 1],
  run: async (context) => {
    const { env, paths, signal } = context;
    const platform = process.platform;
    const known: string[] = [];
    const keyring = findKeyring(env);
    const checks: readonly Check[] = [
      ...(await registryChecks(context, (version) => known.push(version))),
      keyringCheck(keyring, () => randomBytes(16).toString('hex')),
      secretsCheck(paths, () =>
        openSecretStores({ ...context, ui: { ...context.ui, warn: () => undefined } }),
      ),
      privateFilesCheck(paths, platform),
      trustCheck(() => loadPolicy(context)),
      pinsCheck(() => openPins(context)),
      projectCheck(context),
      ...folderChecks(paths),
      cacheCheck(paths),
      ...toolChecks({
        env,
        platform,
        versionOf: (tool, until) => askVersion(tool, until, env),
      }),
      completionCheck(env),
    ];
    const found = await runChecks(checks, { limitMs: LIMIT_MS, signal });
    const findings: readonly Finding[] = [
      ...describeVersion({ node: process.version, own: context.version, known }),
      ...found,
    ];
    return { data: { findings }, exitCode: findings.some(({ status }) => status === 'fail') ? 1 : 0 };
  },
  toJson: ({ findings }) => ({ checks: findings }),
  render: renderDiagnosis,
});

/** The pins, if there are any: looking makes no folder. */
async function openPins(context: Context): Promise<TrustStore | undefined> {
  if (!hasPins(context)) return undefined;
  const { openTrustStore } = await import('@sheaf/client');
  return openTrustStore(trustDirOf(context));
}

/** A check for each registry that is configured; a configuration that cannot be read is what fails then. */
async function registryChecks(
  context: Context,
  onLatest: RegistryDeps['onLatest'],
): Promise<readonly Check[]> {
  let configured: readonly Configured[];
  try {
    configured = await listConfigured(context);
  } catch (error) {
    return [{ name: 'configuration', run: () => Promise.resolve(failed('configuration', error)) }];
  }
  const quiet: Context = { ...context, ui: { ...context.ui, warn: () => undefined } };
  const deps: RegistryDeps = {
    env: context.env,
    nowMs: context.now,
    connect: (registry) =>
      connect(quiet, registry, {
        retry: { retries: 0 },
        timeoutMs: ANSWER_MS,
        token: tokenFor(quiet, registry),
      }),
    findPin: async ({ url }) => (await openPins(context))?.findPin(url),
    hasToken: async (registry) => (await tokenFor(quiet, registry).get({})) !== undefined,
    tokensClosed: () => areTokensOpen(context.paths, process.platform),
    onLatest,
  };
  return configured.map((registry) => registryCheck(deps, registry));
}

async function listConfigured(context: Context): Promise<readonly Configured[]> {
  const settings = await settingsOf(context);
  const choices = [
    await chooseGiven(context, undefined),
    ...[...settings.registries.values()].map(({ name, url, account }): RegistryChoice => ({
      name,
      url,
      account,
      from: 'config.toml',
    })),
    findUsual(settings),
  ].filter((choice) => choice !== undefined);
  const byUrl = new Map<string, RegistryChoice>();
  for (const choice of choices) {
    const earlier = byUrl.get(choice.url);
    if (earlier?.name === undefined) byUrl.set(choice.url, choice);
  }
  return [...byUrl.values()]
    .filter(({ from }) => from !== 'default' || byUrl.size === 1)
    .map(({ url, name, account, from }) => ({
      url,
      name: name ?? new URL(url).host,
      account,
      isDefault: from === 'default',
    }));
}
