const LONGEST = 100;

/** What is wrong with a name of a project or pipeline, as the server takes them; null: nothing. */
export function nameProblem(text: string): string | null {
  const name = text.trim();
  if (name === "") return "It needs a name.";
  if (name.length > LONGEST) return `At most ${LONGEST} characters.`;
  return /^[A-Za-z0-9][\w. -]*$/.test(name) ? null : "Letters, digits, dots, dashes, spaces; a letter or digit first.";
}

/** `https://git.example.com/team/shop.git` -> `shop`. @returns empty where nothing of the address is a name */
export function nameOfRepository(url: string): string {
  const last =
    url
      .replace(/\/+$/, "")
      .replace(/\.git$/, "")
      .split(/[/:]/)
      .at(-1) ?? "";
  return cleaned(decoded(last));
}

/** What the file calls itself, else as the repository. */
export function nameOfPipeline(name: string | null, url: string): string {
  const own = cleaned(name ?? "");
  return own === "" ? nameOfRepository(url) : own;
}

function cleaned(text: string): string {
  return text
    .replaceAll(/[^\w. -]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, LONGEST);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
