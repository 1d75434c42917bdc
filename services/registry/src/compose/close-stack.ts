/** Something that was opened and is closed once. */
export interface Closable {
  close(): Promise<void>;
}

/** What was opened so far; closed in the reverse order. */
export interface CloseStack {
  add<Part extends Closable>(part: Part): Part;
  /** Closes everything, also when some of it fails to close. @throws the first failure */
  close(): Promise<void>;
}

export function createCloseStack(): CloseStack {
  const parts: Closable[] = [];
  return {
    add: (part) => {
      parts.push(part);
      return part;
    },
    close: async () => {
      const failures: unknown[] = [];
      for (const part of parts.splice(0).reverse())
        await part.close().catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    },
  };
}
