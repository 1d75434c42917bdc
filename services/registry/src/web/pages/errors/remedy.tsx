/** What is done about a problem: a sentence of our own tables, in which commands stand between backticks. */
export function Remedy({ text }: { text: string }) {
  return <p>{text.split('`').map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part))}</p>;
}
