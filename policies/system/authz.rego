# METADATA
# title: Who may ask this OPA
# description: >
#   Loaded beside the bundle, never in it: `data.opa_access.token_sha256` comes from a file that only this machine's OPA
#   reads. The platform's token may ask decisions and read data; nobody may write policy or data over HTTP, run queries of
#   his own, or read the policies' source.
package system.authz

default allow := false

# METADATA
# description: Being alive is no secret.
allow if {
	input.method == "GET"
	input.path == ["health"]
}

allow if {
	known
	input.method == "POST"
	input.path = ["v1", "data", "bailiwick", _, "decision"]
}

allow if {
	known
	input.method == "GET"
	input.path = ["v1", "data", name]
	name in {"limits", "release", "environments", "packages", "models", "files", "code"}
}

allow if {
	known
	input.method == "GET"
	input.path == ["metrics"]
}

known if {
	count(data.opa_access.token_sha256) == 64
	crypto.sha256(input.identity) == data.opa_access.token_sha256
}
