import { Menu as Primitive } from "@base-ui/react/menu";
import type { ReactElement } from "react";
import { classNames } from "./class-names.ts";
import { Icon, type IconName } from "./icon.tsx";
import styles from "./menu.module.css";

export interface MenuItem {
  readonly label: string;
  readonly onSelect: () => void;
  readonly icon?: IconName;
  readonly isDangerous?: boolean;
  /** Why it cannot be chosen; shown below its label. */
  readonly disabledReason?: string | null | undefined;
  /** One of several that excludes the others, and whether it is the one. */
  readonly isChecked?: boolean;
}

export interface MenuProps {
  /** What opens it. */
  readonly trigger: ReactElement;
  readonly items: readonly MenuItem[];
  readonly align?: "start" | "end";
}

export function Menu({ trigger, items, align = "end" }: MenuProps): ReactElement {
  return (
    <Primitive.Root>
      <Primitive.Trigger render={trigger as ReactElement<Record<string, unknown>>} />
      <Primitive.Portal>
        <Primitive.Positioner align={align} sideOffset={4} className={styles.positioner}>
          <Primitive.Popup className={styles.popup}>
            {items.map((item) => (
              <Primitive.Item
                key={item.label}
                className={classNames(styles.item, item.isDangerous === true && styles.danger)}
                disabled={typeof item.disabledReason === "string"}
                onClick={item.onSelect}
              >
                <span className={styles.icon}>
                  {item.isChecked === true ? <Icon name="check" size={14} /> : null}
                  {item.icon === undefined || item.isChecked !== undefined ? null : <Icon name={item.icon} size={14} />}
                </span>
                <span>
                  {item.label}
                  {typeof item.disabledReason === "string" ? <small>{item.disabledReason}</small> : null}
                </span>
              </Primitive.Item>
            ))}
          </Primitive.Popup>
        </Primitive.Positioner>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
