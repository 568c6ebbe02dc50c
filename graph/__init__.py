"""The graph model: vocabulary, facts, cleaning, and every statement that Neo4j runs."""
