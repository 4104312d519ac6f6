export { serve, type ServeOptions } from "./main.ts";
export { SETTINGS, type Setting, type SettingName } from "./settings/table.ts";
export { apiDocument, routes } from "./api/routes.ts";
export { createServerToken, createSignInLink, type ServerTokenRequest } from "./access/local-commands.ts";
export { signInAddress } from "./access/sign-in-address.ts";
export { loadSettings, type SettingPlaces } from "./settings/load-settings.ts";
