import { type Logger, pino } from 'pino';
import { parseConfig, parseLogLevel, USAGE } from './config.js';
import { StartError } from './start-error.js';
import { parseWitnessConfig, WITNESS_USAGE } from './witness/witness-config.js';

/**
 * Entry of `sheaf-registry`. Talk goes to stderr; stdout says `listening on URL` when requests may come, and a witness
 * its key after that.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const [verb, ...rest] = argv;
  if (verb === undefined || verb === 'help' || argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(`${USAGE}\n${WITNESS_USAGE}`);
    return;
  }
  try {
    if (verb === 'serve') await serve(rest);
    else if (verb === 'witness') await witness(rest);
    else
      throw new StartError(
        'usage.invalid',
        `there is no verb ${JSON.stringify(verb)}`,
        'see sheaf-registry --help',
      );
  } catch (error) {
    process.exitCode = error instanceof StartError && error.code === 'usage.invalid' ? 2 : 1;
    process.stderr.write(describe(error));
  }
}

async function serve(args: readonly string[]): Promise<void> {
  const config = parseConfig(args, process.env, process.stderr.isTTY);
  const log = logTo(config.logLevel);
  // Loaded here, so that a witness does without everything that a registry needs, and the other way round.
  const { startRegistry } = await import('./compose.js');
  const registry = await startRegistry(config, log);
  stopOnSignal(() => registry.stop());
  if (registry.newOwnerTokenFile !== undefined) {
    process.stderr.write(`owner token written to ${registry.newOwnerTokenFile} (mode 0600)\n`);
  }
  if (registry.frozenLog) process.stderr.write(describe(registry.frozenLog));
  process.stdout.write(`listening on ${registry.url}\n`);
}

async function witness(args: readonly string[]): Promise<void> {
  const config = await parseWitnessConfig(args);
  const isInteractive = process.stderr.isTTY;
  const level = parseLogLevel(process.env['SHEAF_LOG_LEVEL'] ?? (isInteractive ? 'warn' : 'info'));
  const { startWitness } = await import('./witness/start-witness.js');
  const running = await startWitness(config, logTo(level));
  stopOnSignal(() => running.stop());
  process.stdout.write(`witness listening on ${running.url}\nwitness key ${running.verifierKey}\n`);
}

function logTo(level: string): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: false }),
  );
}

function stopOnSignal(stop: () => Promise<void>): void {
  let stopping: Promise<void> | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stopping ??= stop().then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(describe(error));
          process.exit(1);
        },
      );
    });
  }
}

/** Errors of every part carry a code and mostly a hint; anything else is a bug and keeps its stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return `error: ${String(error)}\n`;
  const { code, hint } = error as { code?: unknown; hint?: unknown };
  if (typeof code !== 'string') return `${error.stack ?? error.message}\n`;
  const cause =
    error.cause instanceof Error && error.cause.message !== '' ? `  because ${error.cause.message}\n` : '';
  return `error[${code}]: ${error.message}\n${cause}${typeof hint === 'string' ? `  help: ${hint}\n` : ''}`;
}
