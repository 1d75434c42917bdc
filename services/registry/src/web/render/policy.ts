import type { Assets } from '../assets/assets.js';
import type { PolicyNeeds } from '../page.js';

/** What a page may not use: nothing of it is needed, and what is published here must not reach it. */
const PERMISSIONS = [
  'camera',
  'display-capture',
  'geolocation',
  'microphone',
  'payment',
  'usb',
  'browsing-topics',
]
  .map((feature) => `${feature}=()`)
  .join(', ');

/**
 * Headers of every page. Scripts run only when they are the one whose hash is here, or are loaded by it: files that
 * were published share this origin, so `'self'` is no reason to run one. Style sheets and the icon are loaded from here
 * alone; a published file is never served as one (it is an attachment, `nosniff`). No page asks any other site for anything.
 */
export function pageHeaders(
  { bootHash }: Pick<Assets, 'bootHash'>,
  { connects }: PolicyNeeds = {},
): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    `script-src ${bootHash} 'strict-dynamic'`,
    "style-src 'self'",
    "img-src 'self'",
    ...(connects ? ["connect-src 'self'"] : []),
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Permissions-Policy': PERMISSIONS,
    // Names of private namespaces are for no other site.
    'Referrer-Policy': 'same-origin',
  };
}
