import type { ButtonHTMLAttributes, ReactElement, ReactNode } from "react";
import { classNames } from "./class-names.ts";
import { Icon, type IconName } from "./icon.tsx";
import { Tooltip } from "./tooltip.tsx";
import styles from "./button.module.css";

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled" | "children"> {
  readonly kind?: "plain" | "primary" | "danger" | "quiet";
  readonly icon?: IconName;
  readonly children?: ReactNode;
  /** For a button that shows an icon alone: what it does, in words. */
  readonly label?: string;
  /** Why it cannot be pressed, shown when somebody points at or focuses it. It stays focusable. */
  readonly disabledReason?: string | null | undefined;
  /** What was asked for is under way. */
  readonly isBusy?: boolean;
}

export function Button(props: ButtonProps): ReactElement {
  const { kind = "plain", icon, children, label, disabledReason = null, isBusy = false, ...rest } = props;
  const isOff = disabledReason !== null || isBusy;
  const button = (
    <button
      type="button"
      {...rest}
      className={classNames(styles.button, styles[kind], children === undefined && styles.square, rest.className)}
      aria-label={label}
      aria-disabled={isOff || undefined}
      aria-busy={isBusy || undefined}
      onClick={(event) => {
        if (isOff) event.preventDefault();
        else rest.onClick?.(event);
      }}
    >
      {icon === undefined ? null : <Icon name={icon} size={14} />}
      {children === undefined ? null : <span>{children}</span>}
    </button>
  );
  const hint = disabledReason ?? (children === undefined ? label : undefined);
  return hint === undefined ? button : <Tooltip text={hint}>{button}</Tooltip>;
}
