import { Menu as Primitive } from "@base-ui/react/menu";
import type { ReactElement } from "react";
import { classNames } from "./class-names.ts";
import { Icon } from "./icon.tsx";
import type { MenuProps } from "./menu.tsx";
import styles from "./menu.module.css";

/** What `Menu` loads when it is opened for the first time: open at once. */
export function MenuPopup({ trigger, items, align = "end" }: MenuProps): ReactElement {
  return (
    <Primitive.Root defaultOpen>
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
