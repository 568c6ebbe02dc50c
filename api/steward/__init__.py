"""The steward's workbench: pages that ask and decide through the GraphQL schema, and through nothing else."""
