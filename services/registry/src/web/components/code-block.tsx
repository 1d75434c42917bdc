/** A command or a few lines to copy. The button is there where scripts run. `id`: unique on the page. */
export function CodeBlock({ id, code, label }: { id: string; code: string; label: string }) {
  return (
    <div class="code">
      <pre tabIndex={0} aria-label={label}>
        <code id={id}>{code}</code>
      </pre>
      <button type="button" class="copy needs-script" data-copy={id} aria-live="polite">
        <span data-label>Copy</span>
        <span class="visually-hidden"> {label}</span>
      </button>
    </div>
  );
}
