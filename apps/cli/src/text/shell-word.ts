/** Of a POSIX shell: a word that means exactly `text`, wherever it is pasted. Plain words stay as they are. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * A word with places in it that the shell fills in.
 *
 * @param marker - stands in `text` for each place
 * @param expansion - what comes there, as the shell reads it, quoted: `"$workspace"`
 */
export function shellWordWith(text: string, marker: string, expansion: string): string {
  const parts = text.split(marker).map((part) => (part === "" ? "" : shellWord(part)));
  return parts.length === 1 && text === "" ? "''" : parts.join(expansion);
}
