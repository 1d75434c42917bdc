import type pg from 'pg';

/**
 * Settings of the server that hold for all statements of a connection, beside those that the URL or `PGOPTIONS` ask for: where
 * those name a schema, for example, every connection must see the same one. What is given here comes last, and wins.
 */
export function withSettings(
  url: string,
  settings: Readonly<Record<string, string>>,
  environment = process.env['PGOPTIONS'],
): Pick<pg.PoolConfig, 'connectionString' | 'options'> {
  const own = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  // What stands in a URL would else replace what is given beside it.
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const asked = parsed?.searchParams.get('options') ?? environment;
  parsed?.searchParams.delete('options');
  return { connectionString: parsed?.href ?? url, options: [...(asked ? [asked] : []), ...own].join(' ') };
}
