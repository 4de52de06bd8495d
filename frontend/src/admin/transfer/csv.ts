/**
 * A cell as text that a spreadsheet shows and does not calculate (OWASP, CSV injection): with an apostrophe in front where it needs
 * one. A cell that looks as if it had been treated so gets one apostrophe more; so taking off one gives back what was there.
 */
export function inert(cell: string): string {
  return /^'*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}

/** Rows as CSV: all cells in quotes, none a formula. */
export function csvText(rows: string[][], separator: "," | ";" = ","): string {
  const cell = (text: string) => `"${inert(text).replaceAll('"', '""')}"`;
  return `${rows.map((row) => row.map(cell).join(separator)).join("\r\n")}\r\n`;
}

/** Saves a table as a file, where the page may save files. The mark at its beginning tells spreadsheets that it is UTF-8. */
export function saveTable(name: string, csv: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff", csv], { type: "text/csv" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
