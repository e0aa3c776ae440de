const plain = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 });
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, notation: 'compact' });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** A number as people read it; all its digits are `String`'s. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-4 || size >= 1e12)
    ? value.toExponential(4).replace('-', '−').replace('e+', 'e')
    : plain.format(value).replace('-', '−');
}

/** With room for few digits. */
export const formatShort = (value: number): string => short.format(value);

export const formatWhole = (value: number): string => whole.format(value);

export const formatPercent = (share: number): string =>
  `${(share * 100).toFixed(share > 0 && share < 0.001 ? 2 : 1)} %`;

/** A label or value of any type. */
export function formatValue(value: unknown): string {
  if (value === null || value === undefined) return 'missing';
  if (typeof value === 'number') return formatNumber(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
