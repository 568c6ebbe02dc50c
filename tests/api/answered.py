"""A check for schemathesis, whose own would take every error that GraphQL answers for a failure of ours."""

import schemathesis


@schemathesis.check
def answered(_context, response, _case) -> None:
    """Fail for a server's status, a body that is no JSON, and an error that is not the caller's."""
    assert response.status_code < 500, response.text
    codes = [error["extensions"]["code"] for error in response.json().get("errors", ())]
    assert not {"internal_error", "graph_failed"} & set(codes), response.text
