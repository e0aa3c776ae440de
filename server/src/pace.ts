/** How long a model takes for a row, of late. */
export class Pace {
  /** null while nothing is known. */
  msPerRow: number | null = null;
  /** Of a request of few rows, all of them. */
  fewMs = 0;
  #lastFew = 0;

  observe(rows: number, milliseconds: number): void {
    const found = milliseconds / rows;
    // Slower counts at once, since others wait for it; faster little by little.
    this.msPerRow =
      this.msPerRow === null || found > this.msPerRow ? found : 0.8 * this.msPerRow + 0.2 * found;
  }

  observeFew(milliseconds: number): void {
    // One pause, of memory or of another process, says nothing of the next request: two in a row do.
    this.fewMs = 0.8 * this.fewMs + 0.2 * Math.min(milliseconds, this.#lastFew);
    this.#lastFew = milliseconds;
  }
}
