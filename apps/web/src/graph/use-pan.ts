import { useEffect } from "react";

const MOVED_PX = 4;

/** The element is moved by dragging what is in it, with a mouse: fingers scroll it anyway. */
export function usePan(frame: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    let from: { x: number; y: number; left: number; top: number } | null = null;
    let hasMoved = false;
    const down = (event: PointerEvent): void => {
      if (event.pointerType !== "mouse" || event.button !== 0) return;
      from = { x: event.clientX, y: event.clientY, left: element.scrollLeft, top: element.scrollTop };
      hasMoved = false;
    };
    const move = (event: PointerEvent): void => {
      if (from === null) return;
      const [x, y] = [event.clientX - from.x, event.clientY - from.y];
      hasMoved ||= Math.hypot(x, y) > MOVED_PX;
      if (!hasMoved) return;
      element.scrollLeft = from.left - x;
      element.scrollTop = from.top - y;
    };
    const up = (): void => {
      from = null;
    };
    // What was dragged was not meant to be pressed.
    const click = (event: MouseEvent): void => {
      if (hasMoved) event.stopPropagation();
      hasMoved = false;
    };
    element.addEventListener("pointerdown", down);
    element.addEventListener("click", click, true);
    globalThis.addEventListener("pointermove", move);
    globalThis.addEventListener("pointerup", up);
    return () => {
      element.removeEventListener("pointerdown", down);
      element.removeEventListener("click", click, true);
      globalThis.removeEventListener("pointermove", move);
      globalThis.removeEventListener("pointerup", up);
    };
  }, [frame]);
}
