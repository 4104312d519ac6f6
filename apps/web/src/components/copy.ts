import { tell, tellError } from "./toast.tsx";

/** Puts a text on the clipboard, also where the page came by plain HTTP and browsers offer no clipboard of their own. */
export async function copy(text: string, what: string): Promise<void> {
  try {
    if (globalThis.isSecureContext) await navigator.clipboard.writeText(text);
    else copyBySelection(text);
    tell(`${what} is on the clipboard`);
  } catch (error) {
    tellError(`${what} could not be copied`, error);
  }
}

function copyBySelection(text: string): void {
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  document.body.append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  if (!isDone) throw new Error("The browser did not let it.");
}
