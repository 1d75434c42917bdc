/** What a secret can look like in output. Bytes. */
export interface Needles {
  /** To be found as they stand. */
  readonly plain: readonly Uint8Array[];
  /** Of alphabets that programs break into lines: to be found also with line ends in them. */
  readonly wrapped: readonly Uint8Array[];
}

/** Shorter texts are in all output, and secrets are never that short. */
export const MIN_NEEDLE_BYTES = 4;

/**
 * The forms in which programs write a value: as it is, each of its lines, as a text in JSON, XML, a URL or a shell, and in base64,
 * base64url and hexadecimal. Encodings are found also where the value is a part of what was encoded (RFC 4648 §4: what a byte
 * becomes depends on its place in a group of three).
 */
export function needlesOf(value: string): Needles {
  const bytes = Buffer.from(value, 'utf8');
  const texts = new Set([
    value,
    ...value.split(/\r?\n/),
    value.trim(),
    ...jsonForms(value),
    value.replace(/[&<>"']/g, (character) => XML[character] ?? character),
    ...urlForms(value, bytes),
    value.replaceAll("'", `'\\''`),
    value.replace(/[^A-Za-z0-9_@%+=:,./-]/g, (character) =>
      character === '\n' ? "$'\\n'" : `\\${character}`,
    ),
  ]);
  const hex = bytes.toString('hex');
  const encoded = new Set([hex, hex.toUpperCase(), ...base64Forms(bytes)]);
  return { plain: longEnough(texts), wrapped: longEnough(encoded) };
}

const XML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function jsonForms(value: string): readonly string[] {
  const inner = JSON.stringify(value).slice(1, -1);
  const ascii = inner.replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return [inner, ascii, inner.replaceAll('/', '\\/'), JSON.stringify(inner).slice(1, -1)];
}

function urlForms(value: string, bytes: Uint8Array): readonly string[] {
  // A lone surrogate has no URL form; the bytes that stand for it have one.
  const component = encodeURIComponent(value.toWellFormed());
  const strict = component.replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const every = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const forms = [component, strict, strict.replaceAll('%20', '+'), every.toUpperCase()];
  return [...forms, ...forms.map(lowerEscapes)];
}

function lowerEscapes(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}

/** For each place in a group: the characters that depend on the value alone, and those to the end with its padding. */
function base64Forms(bytes: Uint8Array): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const from = Math.ceil((before * 8) / 6);
    const own = text.slice(from, Math.floor(((before + bytes.length) * 8) / 6));
    const rest = text.slice(from);
    return [own, rest, rest.replaceAll('=', '')].flatMap((form) => [
      form,
      form.replaceAll('+', '-').replaceAll('/', '_'),
    ]);
  });
}

function longEnough(texts: Iterable<string>): readonly Uint8Array[] {
  return Array.from(texts, (text) => Buffer.from(text, 'utf8')).filter(
    ({ length }) => length >= MIN_NEEDLE_BYTES,
  );
}
