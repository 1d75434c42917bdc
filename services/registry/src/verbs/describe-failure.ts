import { PROBLEMS } from '@sheaf/client/contract';

/** What a person is told of an error: code, what happened, why and what to do. What has no code is a bug and keeps its stack. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return `error: ${String(error)}\n`;
  const { code, hint } = error as { code?: unknown; hint?: unknown };
  if (typeof code !== 'string') return `${error.stack ?? error.message}\n`;
  const cause =
    error.cause instanceof Error && error.cause.message !== '' ? `  because ${error.cause.message}\n` : '';
  const help = typeof hint === 'string' ? hint : remedyOf(code);
  return `error[${code}]: ${error.message}\n${cause}${help === undefined ? '' : `  help: ${help}\n`}`;
}

function remedyOf(code: string): string | undefined {
  return Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code as keyof typeof PROBLEMS].remedy : undefined;
}
