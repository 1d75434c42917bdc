/** Controls, what turns the direction of text around, and what is not seen: each becomes a sign that is. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029\p{Cs}]/gu;

/** Text of somebody else as one line that cannot reach beyond itself: at most so many characters, nothing unseen. */
export function visible(text: string, maxLength = 300): string {
  const short = text.length > maxLength ? `${text.slice(0, maxLength).toWellFormed()}…` : text;
  return short.replace(UNSEEN, '\uFFFD');
}

/** {@link visible} text, kept apart from the direction of the text around it. */
export function Foreign({ text, maxLength }: { text: string; maxLength?: number }) {
  return <bdi>{visible(text, maxLength)}</bdi>;
}
