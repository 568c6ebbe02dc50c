/** Asks Onefold one typed question: the variables and the answer have the types of the document. */

import type { TypedDocumentString } from "./generated/graphql.js";

interface Answer<Result> {
  data?: Result | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

export async function ask<Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const address = process.env["ONEFOLD_URL"] ?? "http://127.0.0.1:8000";
  const response = await fetch(`${address}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${process.env["ONEFOLD_KEY"] ?? ""}` },
    body: JSON.stringify({ query: document.toString(), variables }),
    signal: AbortSignal.timeout(10_000),
  });
  const answer = (await response.json()) as Answer<Result>;
  const error = answer.errors?.[0];
  if (error) throw new Error(`${error.extensions?.code ?? response.status}: ${error.message}`);
  if (!answer.data) throw new Error(`The service answered ${response.status}.`);
  return answer.data;
}
