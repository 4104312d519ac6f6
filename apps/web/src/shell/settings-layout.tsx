import { Link, Outlet } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Icon } from "../components/icon.tsx";
import { DESTINATIONS } from "./navigation.ts";
import styles from "./settings-layout.module.css";

/** Around the pages of settings: a row that leads from one to the other. */
export function SettingsLayout(): ReactElement {
  return (
    <>
      <nav className={styles.nav} aria-label="Settings">
        {DESTINATIONS.filter(({ within }) => within === "settings").map(({ label, to, icon }) => (
          <Link key={to} to={to} className={styles.link} activeOptions={{ includeSearch: false }}>
            <Icon name={icon} size={14} />
            {label}
          </Link>
        ))}
      </nav>
      <Outlet />
    </>
  );
}
