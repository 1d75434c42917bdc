/** Why a name that is well-formed may still not be taken for the first time. */
export interface NameProblem {
  readonly code: 'name.reserved' | 'name.confusable';
  readonly message: string;
  readonly hint: string;
}

const RESERVED = new Set(
  (
    'about account admin administrator all anonymous api app assets auth billing blob blobs bundle channel channels ' +
    'community config contact core dashboard default docs download downloads error errors events feed flow flows git ' +
    'healthz help home http internal key keys latest legal local log login logout logs metrics mcp moderator namespace namespaces ' +
    'new none null official openapi owner owners private privacy public readyz registry root run runs search security self ' +
    'settings sheaf sheaf-lang sheaf-registry sheafs signin signup static status support system tag tags team terms test token tokens ' +
    'tools true false trust undefined unknown user users v1 v2 verify version versions webhook webhooks well-known workflow workflows www'
  ).split(' '),
);

/** Windows refuses these as file names, and a cache holds folders by name. */
const DEVICE = /^(?:con|prn|aux|nul|conin|conout|com\d|lpt\d)$/;
const PUNYCODE = /^[a-z0-9]{2}--/;

/**
 * Says why a namespace or name may not be used for the first time: it is reserved, or reads like a reserved one.
 * What exists already stays valid; only a first use asks this.
 */
export function findNameProblem(text: string): NameProblem | undefined {
  if (RESERVED.has(text) || DEVICE.test(text)) {
    return { code: 'name.reserved', message: `name "${text}" is reserved`, hint: 'choose another name' };
  }
  if (PUNYCODE.test(text)) {
    return {
      code: 'name.confusable',
      message: `name "${text}" looks like an encoded foreign-script name`,
      hint: 'do not put -- at the third place',
    };
  }
  const twin = SKELETONS.get(skeletonOf(text));
  if (twin === undefined) return undefined;
  return {
    code: 'name.confusable',
    message: `name "${text}" is easily mistaken for the reserved name "${twin}"`,
    hint: 'choose a name that reads differently',
  };
}

/** Folds what looks or reads alike (`0` and `o`, `1`, `i` and `l`, `rn` and `m`, `vv` and `w`) and drops hyphens. */
function skeletonOf(name: string): string {
  return name
    .replaceAll('-', '')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll('cl', 'd')
    .replace(/[1il]/g, 'l')
    .replaceAll('0', 'o')
    .replaceAll('5', 's');
}

const SKELETONS = new Map([...RESERVED].map((name) => [skeletonOf(name), name]));
