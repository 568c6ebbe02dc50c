"use strict";

const EXAMPLE = `# Put your API key under Headers below, then run this.
query WhoIs($email: String!) {
  lookup(kind: "email", value: $email) {
    outcome
    reason
    profiles {
      id
      recordCount
      attributes { givenName surname city }
      journey(first: 5) { edges { node { occurredAt type channel } } }
    }
  }
}
`;

ReactDOM.createRoot(document.getElementById("explorer")).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: "/graphql" }),
    defaultEditorToolsVisibility: "headers",
    defaultHeaders: '{"Authorization": "Bearer YOUR_KEY"}',
    defaultQuery: EXAMPLE,
    shouldPersistHeaders: false,
  }),
);
