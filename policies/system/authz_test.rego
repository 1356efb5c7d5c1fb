package system.authz_test

import data.system.authz

token_sha256 := crypto.sha256("the token")

asked(question, digest) if {
	authz.allow with input as question with data.opa_access.token_sha256 as digest
}

good := {"identity": "the token", "method": "POST", "path": ["v1", "data", "bailiwick", "run", "decision"]}

test_the_platform_asks if {
	asked(good, token_sha256)
	every name in ["limits", "release", "environments"] {
		asked({"identity": "the token", "method": "GET", "path": ["v1", "data", name]}, token_sha256)
	}
	asked({"identity": "the token", "method": "GET", "path": ["metrics"]}, token_sha256)
}

test_anybody_asks_whether_it_is_alive if {
	asked({"method": "GET", "path": ["health"]}, token_sha256)
}

test_a_field_less_is_a_no if {
	every field in ["identity", "method", "path"] {
		not asked(object.remove(good, [field]), token_sha256)
		not asked(object.union(good, {field: null}), token_sha256)
	}
	not asked({}, token_sha256)
}

test_another_token_is_a_no if {
	every token in ["", "The token", "the token ", token_sha256] {
		not asked(object.union(good, {"identity": token}), token_sha256)
	}
}

test_no_token_configured_is_a_no if {
	not authz.allow with input as good
	not asked(good, "")
	not asked(object.union(good, {"identity": ""}), "")
	not asked(good, null)
}

test_nothing_else_is_open_to_the_platform if {
	every request in [
		["PUT", ["v1", "policies", "run"]],
		["PUT", ["v1", "data", "limits"]],
		["PATCH", ["v1", "data", "limits"]],
		["DELETE", ["v1", "policies", "run"]],
		["GET", ["v1", "policies"]],
		["GET", ["v1", "data"]],
		["GET", ["v1", "data", "opa_access"]],
		["GET", ["v1", "data", "system"]],
		["GET", ["v1", "config"]],
		["POST", ["v1", "query"]],
		["POST", ["v1", "compile"]],
		["POST", ["v1", "data", "bailiwick", "run", "deny"]],
		["POST", ["v1", "data", "opa_access", "token_sha256", "decision"]],
		["POST", ["health"]],
	] {
		not asked({"identity": "the token", "method": request[0], "path": request[1]}, token_sha256)
	}
}
