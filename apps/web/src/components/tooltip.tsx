import { Tooltip as Primitive } from "@base-ui/react/tooltip";
import type { ReactElement, ReactNode } from "react";
import styles from "./tooltip.module.css";

export interface TooltipProps {
  /** Empty: no tooltip. */
  readonly text: ReactNode;
  readonly children: ReactElement;
  readonly side?: "top" | "bottom" | "left" | "right";
}

/** Words shown while somebody points at or focuses something. Nothing needed is only in a tooltip. */
export function Tooltip({ text, children, side = "top" }: TooltipProps): ReactElement {
  if (text === "") return children;
  return (
    <Primitive.Root>
      <Primitive.Trigger render={children as ReactElement<Record<string, unknown>>} />
      <Primitive.Portal>
        <Primitive.Positioner side={side} sideOffset={6} className={styles.positioner}>
          <Primitive.Popup className={styles.popup}>{text}</Primitive.Popup>
        </Primitive.Positioner>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
