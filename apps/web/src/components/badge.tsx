import type { ReactElement, ReactNode } from "react";
import { classNames } from "./class-names.ts";
import { Icon, type IconName } from "./icon.tsx";
import styles from "./badge.module.css";

export interface BadgeProps {
  readonly children: ReactNode;
  readonly tone?: "plain" | "accent" | "failed" | "held" | "person";
  readonly icon?: IconName;
  readonly title?: string;
}

/** A short fact beside a name: a branch, a trigger, an attempt. */
export function Badge({ children, tone = "plain", icon, title }: BadgeProps): ReactElement {
  return (
    <span className={classNames(styles.badge, styles[tone])} title={title}>
      {icon === undefined ? null : <Icon name={icon} size={12} />}
      <span className={styles.text}>{children}</span>
    </span>
  );
}
