import { pino } from 'pino';
import { startRegistry } from './compose.js';
import { parseConfig, USAGE } from './config.js';
import { StartError } from './start-error.js';

/** Entry of `sheaf-registry`. Talk goes to stderr; stdout carries one line, `listening on URL`, when requests may come. */
export async function main(argv: readonly string[]): Promise<void> {
  const [verb, ...rest] = argv;
  if (verb === undefined || verb === 'help' || argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(USAGE);
    return;
  }
  try {
    if (verb !== 'serve') {
      throw new StartError(
        'usage.invalid',
        `there is no verb ${JSON.stringify(verb)}`,
        'see sheaf-registry --help',
      );
    }
    await serve(rest);
  } catch (error) {
    process.exitCode = error instanceof StartError && error.code === 'usage.invalid' ? 2 : 1;
    process.stderr.write(describe(error));
  }
}

async function serve(args: readonly string[]): Promise<void> {
  const config = parseConfig(args, process.env, process.stderr.isTTY);
  const log = pino(
    { level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: false }),
  );
  const registry = await startRegistry(config, log);
  let stopping: Promise<void> | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stopping ??= registry.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(describe(error));
          process.exit(1);
        },
      );
    });
  }
  if (registry.newOwnerTokenFile !== undefined) {
    process.stderr.write(`owner token written to ${registry.newOwnerTokenFile} (mode 0600)\n`);
  }
  process.stdout.write(`listening on ${registry.url}\n`);
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
