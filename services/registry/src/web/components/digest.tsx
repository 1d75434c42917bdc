/** A digest or the id of a key in full, in a font that tells its characters apart; narrow places cut it, and a pointer shows it. */
export function Digest({ value, isShort = false }: { value: string; isShort?: boolean }) {
  if (!isShort) return <code class="digest">{value}</code>;
  return (
    <code class="digest" title={value}>
      {shortDigest(value)}
    </code>
  );
}

/** `9c1f…e07a`: enough to recognise, not enough to trust. */
export function shortDigest(value: string): string {
  const hex = value.replace(/^sha256:/, '');
  return hex.length <= 12 ? hex : `${hex.slice(0, 4)}…${hex.slice(-4)}`;
}
