import { quote } from '@sheaf/workflow';
import { ClientError } from '../errors.js';

/**
 * The one spelling of a registry's URL: scheme, host, port when it is not the default, path prefix without a
 * final slash. Pins and tokens are stored under it.
 *
 * @throws ClientError `registry.url_invalid`
 */
export function normalizeRegistryUrl(text: string): string {
  const url = text.length <= 2000 && URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (
    url === undefined ||
    !isWeb ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new ClientError(
      'registry.url_invalid',
      `registry URL ${quote(withoutCredentials(text))} is not valid`,
      {
        hint: 'use https://host, without user, query or fragment',
      },
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** True when plain http to this host never leaves the machine. */
export function isLoopback(url: URL): boolean {
  const host = url.hostname;
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/**
 * A text that should be a URL, as it may be shown: a person may paste one with a password or a token in it, and that
 * must not reach a terminal or a log.
 */
export function withoutCredentials(text: string): string {
  return text
    .replace(/^([a-z][a-z0-9+.-]{0,20}:\/\/)?.*@/is, '$1…@')
    .replace(/[?#].*$/s, '?…')
    .slice(0, 200);
}
