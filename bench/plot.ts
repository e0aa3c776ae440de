import { importInstalled } from './peers/installed.js';

/** A line of a panel: points with positive coordinates. */
export interface Series {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Panel {
  /** With the unit of the values. */
  readonly title: string;
  readonly x: string;
  readonly series: readonly Series[];
}

/** What of Observable Plot is used. */
interface Plot {
  plot(options: object): { readonly outerHTML: string };
  line(data: readonly Point[], options: object): object;
  dot(data: readonly Point[], options: object): object;
  text(data: readonly Point[], options: object): object;
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly name: string;
}

const width = 450;
const height = 300;
const columns = 2;

/** What draws panels with logarithmic axes as one SVG, two in a row; throws where it is not installed. */
export async function openPlot(): Promise<(panels: readonly Panel[]) => string> {
  const plot = await importInstalled<Plot>('@observablehq/plot');
  const { parseHTML } = await importInstalled<{ parseHTML(html: string): { document: object } }>(
    'linkedom',
  );
  const { document } = parseHTML('<html><body></body></html>');
  return (panels) => drawPanels(plot, panels, document);
}

function drawPanels(plot: Plot, panels: readonly Panel[], document: object): string {
  const drawn = panels.map((panel, i) => {
    const at = `x="${(i % columns) * width}" y="${Math.floor(i / columns) * height}"`;
    return drawPanel(plot, panel, document).replace('<svg ', `<svg ${at} `);
  });
  const size = [width * columns, height * Math.ceil(panels.length / columns)];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size[0]}" height="${size[1]}" viewBox="0 0 ${size.join(' ')}">
<rect width="100%" height="100%" fill="white"/>
${drawn.join('\n')}
</svg>
`;
}

const margins = { marginLeft: 50, marginRight: 110, marginTop: 46, marginBottom: 42 };
const labelHeight = 15;

function drawPanel(plot: Plot, { title, x, series }: Panel, document: object): string {
  const [domainX, domainY] = [0, 1].map((axis) =>
    decades(series.flatMap(({ points }) => points.map((point) => point[axis]!))),
  );
  const shifts = spreadLabels(series, domainY!);
  const marks = series.flatMap(({ name, color, points }, i) => {
    const data = points.map(([x, y]) => ({ x, y, name }));
    const position = { x: 'x', y: 'y' };
    return [
      plot.line(data, { ...position, stroke: color, strokeWidth: 2 }),
      plot.dot(data, { ...position, fill: color, r: 3 }),
      plot.text(data.slice(-1), {
        ...{ ...position, text: 'name', fill: color, textAnchor: 'start', dx: 8, dy: shifts[i] },
        fontWeight: 600,
      }),
    ];
  });
  const axis = (domain: readonly number[], label: string | null) => ({
    ...{ type: 'log', domain, label, labelAnchor: 'center', labelArrow: 'none', grid: true },
    ...{ ticks: powers(domain), tickFormat: formatPower },
  });
  const drawn = plot.plot({
    ...{ document, width, height, ...margins, marks },
    style: { fontSize: '12px', color: '#222', background: 'white' },
    x: axis(domainX!, x),
    y: axis(domainY!, null),
  });
  const heading = `<text x="10" y="24" text-anchor="start" font-size="14" font-weight="700" fill="#222">${title}</text>`;
  return drawn.outerHTML.replace('</svg>', `${heading}</svg>`);
}

/** How far each line's label moves down, so that none covers another. */
function spreadLabels(series: readonly Series[], [low, high]: readonly number[]): number[] {
  const room = height - margins.marginTop - margins.marginBottom;
  const perDecade = room / Math.log10(high! / low!);
  const ends = series.map(({ points }, i) => ({
    i,
    y: perDecade * Math.log10(high! / points[points.length - 1]![1]),
  }));
  ends.sort((a, b) => a.y - b.y);
  const shifts = series.map(() => 0);
  let free = Number.NEGATIVE_INFINITY;
  for (const { i, y } of ends) {
    shifts[i] = Math.max(0, free - y);
    free = y + shifts[i]! + labelHeight;
  }
  return shifts;
}

/** From the power of ten below all values to the one above, which a value may miss by a percent. */
function decades(values: readonly number[]): readonly number[] {
  const low = Math.log10(1.01 * Math.min(...values));
  const high = Math.log10(Math.max(...values) / 1.01);
  return [10 ** Math.floor(low), 10 ** Math.ceil(high)];
}

/** The powers of ten from one to another. */
function powers([low, high]: readonly number[]): number[] {
  const first = Math.round(Math.log10(low!));
  const count = Math.round(Math.log10(high! / low!)) + 1;
  return Array.from({ length: count }, (_, i) => 10 ** (first + i));
}

function formatPower(value: number): string {
  const power = Math.round(Math.log10(value));
  if (power >= -3 && power <= 3) return `${10 ** power}`;
  return `10${[...String(power)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? '⁻').join('')}`;
}
