export type Theme = "system" | "light" | "dark";

const KEY = "waybill-theme";
export const THEMES: readonly Theme[] = ["system", "light", "dark"];
export const THEME_WORDS: Readonly<Record<Theme, string>> = { system: "As the system", light: "Light", dark: "Dark" };

export function storedTheme(): Theme {
  const stored = readStored();
  return THEMES.find((theme) => theme === stored) ?? "system";
}

/** What was chosen in this browser; by default the system decides, also while the page is open. */
export function applyTheme(theme: Theme = storedTheme()): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

export function chooseTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // A browser that keeps nothing: it holds for this page.
  }
  applyTheme(theme);
}

function readStored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
