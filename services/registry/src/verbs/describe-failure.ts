/** What a person is told of an error: code, what happened, why and what to do. What has no code is a bug and keeps its stack. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return `error: ${String(error)}\n`;
  const { code, hint } = error as { code?: unknown; hint?: unknown };
  if (typeof code !== 'string') return `${error.stack ?? error.message}\n`;
  const cause =
    error.cause instanceof Error && error.cause.message !== '' ? `  because ${error.cause.message}\n` : '';
  return `error[${code}]: ${error.message}\n${cause}${typeof hint === 'string' ? `  help: ${hint}\n` : ''}`;
}
