import { withoutCredentials } from '@sheaf/client';
import { CliError } from '../frame/errors.js';

/** The registry of `npm start`, used when nothing names another. */
export const DEFAULT_REGISTRY = 'http://127.0.0.1:7433';

/** One spelling for each registry, so that what is stored for it is found again. @throws CliError `usage.registry` */
export function normaliseRegistryUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch (error) {
    throw new CliError('usage.registry', `${shown(text)} is not a URL`, {
      hint: `a registry looks like https://registry.example.com or ${DEFAULT_REGISTRY}`,
      cause: error,
    });
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new CliError('usage.registry', `${shown(text)} is neither https nor http`, {
      hint: 'give an https URL',
    });
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new CliError('usage.registry', 'the URL of a registry holds no user, password, query or fragment', {
      hint: 'pass the token on stdin: sheaf login URL --with-token',
    });
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function shown(text: string): string {
  return JSON.stringify(withoutCredentials(text));
}
