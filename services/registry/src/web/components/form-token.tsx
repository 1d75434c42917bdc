import { FORM_TOKEN_FIELD } from '../forms/form-token.js';
import type { Viewer } from '../page.js';

/** Stands in every form that changes something. */
export function FormToken({ viewer }: { viewer: Viewer }) {
  return <input type="hidden" name={FORM_TOKEN_FIELD} value={viewer.formToken} />;
}
