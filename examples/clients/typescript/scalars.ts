/** The scalars of Onefold that a role may see redacted: then they are an object instead of the value. */

export type Redacted<Sensitivity extends string> = { redacted: Sensitivity };
export type PersonalText = string | Redacted<"PERSONAL">;
export type PersonalData = unknown | Redacted<"PERSONAL">;
export type RawInput = unknown | Redacted<"RAW">;

/** The text, or a placeholder where the role of the key may not see it. */
export function shown(value: PersonalText | null | undefined): string {
  if (value == null) return "–";
  return typeof value === "string" ? value : "(redacted)";
}
