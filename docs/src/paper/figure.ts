import { asRecorded, type BenchOps } from './bench.js';

const LEFT = 190;
const WIDTH = 460;
const ROW = 34;
const TOP = 40;

/** Shares of the first cause right, with their intervals, as a drawing: a row a method. */
export function figure(bench: BenchOps): string {
  const height = TOP + ROW * bench.methods.length + 30;
  const at = (part: number): string => (LEFT + part * WIDTH).toFixed(1);
  const rows = bench.methods.map((method, row) => {
    const { right, of, interval } = asRecorded(method).top1;
    const y = TOP + ROW * row + ROW / 2;
    return [
      `<text x="${LEFT - 10}" y="${y + 5}" text-anchor="end">${escaped(method.method)}</text>`,
      `<path d="M${at(interval.low)} ${y}H${at(interval.high)}" stroke="#31557f" stroke-width="3"/>`,
      `<circle cx="${at(of === 0 ? 0 : right / of)}" cy="${y}" r="6" fill="#31557f"/>`,
      `<text x="${LEFT + WIDTH + 12}" y="${y + 5}">${right}/${of}</text>`,
    ].join('\n');
  });
  const lines = [0, 0.25, 0.5, 0.75, 1].map(
    (part) =>
      `<path d="M${at(part)} ${TOP - 8}V${height - 26}" stroke="#ccc"/><text x="${at(part)}" y="${height - 8}" text-anchor="middle">${part * 100} %</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 70} ${height}" role="img" font-family="system-ui, sans-serif" font-size="14">
<title>First cause right, by method, with 95 % intervals</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${LEFT}" y="20">first cause right, with its 95 % interval (${escaped(bench.sets.join(', '))})</text>
${[...lines, ...rows].join('\n')}
</svg>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
