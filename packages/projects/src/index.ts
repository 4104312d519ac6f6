export * from "./triggers/index.ts";
