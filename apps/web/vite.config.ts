import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `script/server --dev` finds the server whose API the pages in development use. */
const server = process.env["WAYBILL_DEV_SERVER"] ?? "http://127.0.0.1:8080";

const SHARED =
  /\/src\/components\/(?:badge|button|class-names|command-hint|copy|duration|empty-state|error-panel|format|icon|panel|sha|skeleton|status|status-mark|table|time-ago|tooltip|use-now)\./;

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    target: "es2023",
    outDir: "dist",
    emptyOutDir: true,
    // Nothing becomes a data: address: the content-security policy lets none in but images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    sourcemap: false,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      output: {
        // What every page shows is one file: twenty of a kilobyte each compress worse, and each has headers of its own.
        codeSplitting: { groups: [{ name: "shared", test: SHARED }] },
      },
    },
  },
  worker: { format: "es" },
  server: {
    // The same host for pages and API, as cookies and the check of forms' origin want it.
    proxy: Object.fromEntries(
      ["/v1", "/openapi.json", "/health", "/sign-in/"].map((path) => [path, { target: server, ws: false }]),
    ),
  },
});
