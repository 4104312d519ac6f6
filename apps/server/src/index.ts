export { serve, type ServeOptions } from "./main.ts";
export { apiDocument, routes } from "./api/routes.ts";
