import { ALL_PERMISSIONS, ROLES, type Permission } from "@waybill/access";
import * as z from "zod/mini";
import { named, optionalTime } from "../schemas.ts";

/** Parts that operations of access share. */

export const role = named("Role", z.enum(ROLES));

export const permission = named("Permission", z.enum(ALL_PERMISSIONS as readonly [Permission, ...Permission[]]));

export const timestamp = z.iso.datetime({ offset: true });

export const user = named(
  "User",
  z.object({
    id: z.uuid(),
    name: z.string(),
    display_name: z.string(),
    email: z.nullable(z.string()),
    server_admin: z.boolean(),
    has_password: z.boolean(),
    created_at: z.string(),
    disabled_at: optionalTime,
  }),
);
