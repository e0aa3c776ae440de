/** How long a model takes for a row, of late. */
export class Pace {
  /** null while nothing is known. */
  msPerRow: number | null = null;

  observe(rows: number, milliseconds: number): void {
    const found = milliseconds / rows;
    // Slower counts at once, since others wait for it; faster little by little.
    this.msPerRow =
      this.msPerRow === null || found > this.msPerRow ? found : 0.8 * this.msPerRow + 0.2 * found;
  }
}
