export { backUp, restore, type BackupCommand } from "./backup/commands.ts";
export type { BackupReport } from "./backup/create-backup.ts";
export { serve, type ServeOptions } from "./main.ts";
export { SETTINGS, type Setting, type SettingName } from "./settings/table.ts";
export { apiDocument, routes } from "./api/routes.ts";
export { createServerToken, createSignInLink, type ServerTokenRequest } from "./access/local-commands.ts";
export { signInAddress } from "./access/sign-in-address.ts";
export { loadSettings, type SettingPlaces } from "./settings/load-settings.ts";
export { EVENT_PERMISSIONS } from "./access/visible-events.ts";
