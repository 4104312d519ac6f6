import * as z from "zod/mini";
import { isRefName, isSha } from "../triggers/git-names.ts";

/** Fields that payloads share. Unknown fields are left out by the schemas that use them. */

export const shaField = z.string().check(z.refine(isSha));

/** A whole `refs/…`; whether it is a branch's or a tag's is found out later. */
export const fullRefField = z.string().check(z.maxLength(300), z.startsWith("refs/"));

/** A branch's or tag's name. */
export const refNameField = z.string().check(z.refine(isRefName));

/** Somebody's name at the forge. Control characters would reach terminals and logs. */
export const actorField = z.string().check(z.maxLength(255), z.regex(/^[^\p{Cc}]*$/u));

/** `owner/name`, with more parts where the forge has groups in groups. */
export const repositoryNameField = z.string().check(z.maxLength(500), z.regex(/^[^\s\p{Cc}/]+(?:\/[^\s\p{Cc}/]+)+$/u));

/** Only kept to be compared. */
export const addressField = z.string().check(z.maxLength(2048), z.regex(/^[^\s\p{Cc}]*$/u));

export const numberField = z.int().check(z.minimum(1), z.maximum(2 ** 31 - 1));
