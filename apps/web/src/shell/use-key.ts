import { useEffect, useRef } from "react";
import { bindKey, type KeyBinding } from "./keyboard.ts";

/** Binds a key while the component is shown, and lists it in the help. @param run null: not now */
export function useKey(
  keys: string,
  label: string,
  run: (() => void) | null,
  group: KeyBinding["group"] = "This page",
): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  const isBound = run !== null;
  useEffect(
    () => (isBound ? bindKey({ keys, label, group, run: () => latest.current?.() }) : undefined),
    [keys, label, group, isBound],
  );
}
