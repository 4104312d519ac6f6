export { serve, type ServeOptions } from "./main.ts";
export { SETTINGS, type Setting, type SettingName } from "./settings/table.ts";
export { apiDocument, routes } from "./api/routes.ts";
