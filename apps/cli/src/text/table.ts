/**
 * Columns aligned by spaces, two between them; nothing at the end of a line. Cells must be free of colour and line
 * breaks (`paint` adds colour once the widths are settled) and are measured in characters: the names Waybill prints
 * in tables are ASCII by rule.
 *
 * @param paint - gets each padded cell with its place
 */
export function renderTable(
  rows: readonly (readonly string[])[],
  paint: (padded: string, row: number, column: number) => string = (padded) => padded,
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map((row, rowIndex) => {
      const last = row.findLastIndex((cell) => cell !== "");
      const cells = row.slice(0, last + 1).map((cell, column) => {
        const padded = column === last ? cell : cell.padEnd(widths[column] ?? 0);
        return paint(padded, rowIndex, column);
      });
      return `${cells.join("  ")}\n`;
    })
    .join("");
}
