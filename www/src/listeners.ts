// A minimal change notification.

export class Listeners {
  readonly #listeners = new Set<() => void>();

  /** Returns a function that ends the subscription. */
  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
