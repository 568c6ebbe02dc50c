/** Prints a profile: `npm start -- ID`. */

import { graphql } from "./generated/gql.js";
import { ask } from "./onefold.js";
import { shown } from "./scalars.js";

const profilePage = graphql(`
  query ProfilePage($id: ID!) {
    profile(id: $id) {
      id
      recordCount
      attributes { givenName surname city }
      identifiers { kind value }
      segments { segment }
      journey(first: 5) { edges { node { occurredAt type channel } } }
    }
  }
`);

const { profile } = await ask(profilePage, { id: process.argv[2] ?? "" });
if (!profile) throw new Error("There is no profile of this id.");
const { givenName, surname, city } = profile.attributes;
console.log(`${shown(givenName)} ${shown(surname)}, ${city ?? "–"}: ${profile.recordCount} records, ${profile.id}`);
for (const { kind, value } of profile.identifiers) console.log(`  ${kind}: ${shown(value)}`);
for (const { segment } of profile.segments) console.log(`  in ${segment}`);
for (const { node } of profile.journey.edges) console.log(`  ${node.occurredAt} ${node.type} ${node.channel ?? ""}`);
