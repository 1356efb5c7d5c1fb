package bailiwick.run_test

import data.bailiwick.run

good := {
	"project": {"id": "6d6d", "slug": "fraud", "classification": "internal"},
	"person": {"pseudonym": "ab12", "roles": ["analyst"]},
	"caller": {"kind": "person", "model": null},
	"purpose": "monthly fraud figures",
	"environment": {"name": "python", "digest": "sha256:00"},
	"packages": [
		{"name": "python-slugify", "version": "8.0.4", "requested": true},
		{"name": "text-unidecode", "version": "1.3", "requested": false},
	],
	"packages_stage": "closure",
	"connectors": [],
	"limits": {
		"cpu_cores": 1,
		"memory_bytes": 1073741824,
		"processes": 128,
		"disk_bytes": 1073741824,
		"wall_seconds": 60,
		"life_seconds": 3600,
		"idle_seconds": 600,
		"output_bytes": 1048576,
		"output_artifact_bytes": 67108864,
		"artifact_count": 100,
		"artifact_bytes": 268435456,
		"open_executions": 8,
	},
	"files": [{"size": 1000}],
	"language": "python",
	"now": "2026-01-01T00:00:00Z",
}

codes(question) := {reason.code | some reason in answer(question).reasons}

answer(question) := decision if {
	decision := run.decision with input as question
}

scopes := {
	"ledger": {"projects": ["fraud"], "models": false},
	"reference": {"projects": ["fraud"], "models": true},
	"payroll": {"projects": ["people"], "models": true},
}

patched(operations) := json.patch(good, operations)

replaced(path, value) := patched([{"op": "replace", "path": path, "value": value}])

as_model(operations) := json.patch(
	replaced("/caller", {"kind": "model", "model": "m-1"}),
	operations,
)

test_good_is_allowed if {
	answer(good) == {"outcome": "allow", "reasons": [], "obligations": {}}
	answer(as_model([])).outcome == "allow"
}

test_empty_is_denied if {
	every nothing in [{}, null, [], "text", 1] {
		answer(nothing).outcome == "deny"
	}
}

cases := {
	"another stage": {"with": replaced("/packages_stage", "asked"), "want": set()},
	"a stage of no meaning": {"with": replaced("/packages_stage", "later"), "want": {"stage_unknown"}},
	"a role that does not run code": {"with": replaced("/person/roles", ["auditor", "reviewer"]), "want": {"role_not_allowed"}},
	"no role": {"with": replaced("/person/roles", []), "want": {"role_not_allowed"}},
	"a role that is no text": {"with": replaced("/person/roles", [1]), "want": {"role_not_allowed"}},
	"one role of several": {"with": replaced("/person/roles", ["auditor", "analyst"]), "want": set()},
	"a person with a model's name": {
		"with": replaced("/caller/model", "m-1"),
		"want": {"caller_unknown"},
	},
	"a person with a model's name, restricted": {
		"with": patched([
			{"op": "replace", "path": "/caller/model", "value": "m-1"},
			{"op": "replace", "path": "/project/classification", "value": "restricted"},
		]),
		"want": {"caller_unknown", "classification_not_allowed"},
	},
	"a model without a name": {
		"with": replaced("/caller", {"kind": "model", "model": null}),
		"want": {"caller_unknown"},
	},
	"a model with an empty name": {
		"with": replaced("/caller", {"kind": "model", "model": ""}),
		"want": {"caller_unknown"},
	},
	"another kind of caller": {
		"with": replaced("/caller", {"kind": "robot", "model": null}),
		"want": {"caller_unknown"},
	},
	"a restricted project": {"with": replaced("/project/classification", "restricted"), "want": set()},
	"a restricted project, for a model": {
		"with": as_model([{"op": "replace", "path": "/project/classification", "value": "restricted"}]),
		"want": {"classification_not_allowed"},
	},
	"a classification of no meaning": {
		"with": replaced("/project/classification", "secret"),
		"want": {"classification_not_allowed"},
	},
	"a blank purpose": {"with": replaced("/purpose", "   \n "), "want": {"purpose_missing"}},
	"a purpose of two letters": {"with": replaced("/purpose", " ab "), "want": {"purpose_missing"}},
	"a purpose of three letters": {"with": replaced("/purpose", "abc"), "want": set()},
	"a purpose of 2000 letters": {
		"with": replaced("/purpose", sprintf("%02000d", [7])),
		"want": set(),
	},
	"a purpose of 2001 letters": {
		"with": replaced("/purpose", sprintf("%02001d", [7])),
		"want": {"purpose_missing"},
	},
	"another environment": {
		"with": replaced("/environment/name", "fortran"),
		"want": {"environment_not_allowed", "language_not_allowed"},
	},
	"another environment, no language": {
		"with": patched([
			{"op": "replace", "path": "/environment/name", "value": "fortran"},
			{"op": "replace", "path": "/language", "value": null},
		]),
		"want": {"environment_not_allowed"},
	},
	"no language yet": {"with": replaced("/language", null), "want": set()},
	"bash, for a person": {"with": replaced("/language", "bash"), "want": set()},
	"bash, for a model": {
		"with": as_model([{"op": "replace", "path": "/language", "value": "bash"}]),
		"want": {"language_not_allowed"},
	},
	"sql, for a model": {"with": as_model([{"op": "replace", "path": "/language", "value": "sql"}]), "want": set()},
	"another language": {"with": replaced("/language", "cobol"), "want": {"language_not_allowed"}},
	"no packages": {"with": replaced("/packages", []), "want": set()},
	"a package of no name on the list": {
		"with": replaced("/packages/0/name", "leftpad"),
		"want": {"package_not_allowed"},
	},
	"a package that is denied": {"with": replaced("/packages/0/name", "requests"), "want": {"package_not_allowed"}},
	"a name written otherwise": {
		"with": replaced("/packages/0/name", "Python_Slugify"),
		"want": {"package_not_allowed"},
	},
	"a name with a blank": {"with": replaced("/packages/0/name", "python-slugify "), "want": {"package_not_allowed"}},
	"an older version": {
		"with": replaced("/packages/0/version", "8.0.0"),
		"want": {"package_version_not_allowed"},
	},
	"a newer version": {
		"with": replaced("/packages/0/version", "9"),
		"want": {"package_version_not_allowed"},
	},
	"a version that is no version": {
		"with": replaced("/packages/0/version", "latest"),
		"want": {"package_version_not_allowed"},
	},
	"pulled in, of another version": {
		"with": replaced("/packages/1/version", "1.2"),
		"want": {"package_version_not_allowed"},
	},
	"a package without a version": {
		"with": patched([{"op": "remove", "path": "/packages/0/version"}]),
		"want": {"input_invalid", "package_version_not_allowed"},
	},
	"a package without a name": {
		"with": patched([{"op": "remove", "path": "/packages/0/name"}]),
		"want": {"input_invalid", "package_not_allowed"},
	},
	"a package that does not say who asked for it": {
		"with": patched([{"op": "remove", "path": "/packages/0/requested"}]),
		"want": {"input_invalid"},
	},
	"a package with null for a version": {
		"with": replaced("/packages/0/version", null),
		"want": {"input_invalid", "package_version_not_allowed"},
	},
	"a package that is a text": {
		"with": replaced("/packages/0", "python-slugify"),
		"want": {"input_invalid"},
	},
	"a hundred packages": {
		"with": replaced("/packages", [good.packages[0] | some _ in numbers.range(1, 100)]),
		"want": set(),
	},
	"a hundred and one packages": {
		"with": replaced("/packages", [good.packages[0] | some _ in numbers.range(1, 101)]),
		"want": {"packages_too_many"},
	},
	"a connector": {"with": replaced("/connectors", ["ledger"]), "want": set()},
	"a connector, for a model": {
		"with": as_model([{"op": "replace", "path": "/connectors", "value": ["ledger"]}]),
		"want": {"connector_not_allowed"},
	},
	"a connector for models, for a model": {
		"with": as_model([{"op": "replace", "path": "/connectors", "value": ["reference"]}]),
		"want": set(),
	},
	"a connector of another project": {"with": replaced("/connectors", ["payroll"]), "want": {"connector_not_allowed"}},
	"a connector of no meaning": {"with": replaced("/connectors", ["moon"]), "want": {"connector_not_allowed"}},
	"a connector that is no text": {"with": replaced("/connectors", [null]), "want": {"connector_not_allowed"}},
	"no files": {"with": replaced("/files", []), "want": set()},
	"a hundred files": {"with": replaced("/files", [{"size": 1} | some _ in numbers.range(1, 100)]), "want": set()},
	"a hundred and one files": {
		"with": replaced("/files", [{"size": 1} | some _ in numbers.range(1, 101)]),
		"want": {"files_too_many"},
	},
	"the largest file": {"with": replaced("/files/0/size", 1073741824), "want": set()},
	"a byte more": {"with": replaced("/files/0/size", 1073741825), "want": {"file_too_large", "files_exceed_disk"}},
	"a negative file": {"with": replaced("/files/0/size", -1), "want": {"file_too_large"}},
	"a file whose size is a text": {
		"with": replaced("/files/0/size", "1"),
		"want": {"input_invalid", "file_too_large", "files_exceed_disk"},
	},
	"a file without a size": {
		"with": patched([{"op": "remove", "path": "/files/0/size"}]),
		"want": {"input_invalid", "file_too_large"},
	},
	"files beyond the disk asked for": {
		"with": patched([
			{"op": "replace", "path": "/limits/disk_bytes", "value": 1048576},
			{"op": "replace", "path": "/files", "value": [{"size": 1048576}, {"size": 1}]},
		]),
		"want": {"files_exceed_disk"},
	},
	"a limit of no meaning": {
		"with": patched([{"op": "add", "path": "/limits/gpus", "value": 1}]),
		"want": {"limit_unknown"},
	},
	"half a processor": {"with": replaced("/limits/cpu_cores", 0.5), "want": set()},
	"no processor": {"with": replaced("/limits/cpu_cores", 0), "want": {"limit_invalid"}},
	"half a process": {"with": replaced("/limits/processes", 127.5), "want": {"limit_invalid"}},
}

test_codes[name] if {
	some name, case in cases
	codes(case["with"]) == case.want with data.scopes as scopes
}

limit_cases := {
	"a sliver of a processor": {"with": replaced("/limits/cpu_cores", 0.01), "want": {"limit_below_floor"}},
	"a thousand processors": {"with": replaced("/limits/cpu_cores", 1000), "want": {"limit_above_ceiling"}},
	"more memory than a model may": {
		"with": as_model([{"op": "replace", "path": "/limits/memory_bytes", "value": 4294967296}]),
		"want": {"limit_above_ceiling"},
	},
}

test_what_is_both_allowed_and_denied_is_denied if {
	denied := {"python-slugify": {"why": "a fault", "instead": "write it"}}
	by_rule := run.decision with input as good with data.packages.deny as denied
	{reason.code | some reason in by_rule.reasons} == {"package_not_allowed"}
	by_net := run.decision with input as good with data.packages.deny as denied with data.bailiwick.run.deny as set()
	{reason.code | some reason in by_net.reasons} == {"policy_incomplete"}
}

# What the second net does not hold by itself is the shape of the question, and a limit that there is not.
refused[name] := case if {
	some name, case in object.union(cases, limit_cases)
	count(case.want - {"input_invalid", "limit_unknown"}) > 0
}

test_the_second_net_holds_without_a_single_denial[name] if {
	some name, case in refused
	decision := run.decision with input as case["with"] with data.bailiwick.run.deny as set()
		with data.scopes as scopes
	{reason.code | some reason in decision.reasons} == {"policy_incomplete"}
}

test_limits_at_their_bounds_pass[name] if {
	some name, bounds in data.limits
	every value in [bounds.floor, bounds.default, bounds.ceiling] {
		codes(json.patch(good, [
			{"op": "replace", "path": "/files", "value": []},
			{"op": "replace", "path": sprintf("/limits/%s", [name]), "value": value},
		])) == set()
	}
}

test_limits_past_their_bounds_do_not[name] if {
	some name, bounds in data.limits
	question := replaced("/files", [])
	every value, want in {
		bounds.ceiling + 1: {"limit_above_ceiling"},
		1000000000000000000000: {"limit_above_ceiling"},
		-1: below_nothing[name],
		-1000000000000000000000: below_nothing[name],
	} {
		codes(json.patch(question, [{"op": "replace", "path": sprintf("/limits/%s", [name]), "value": value}])) == want
	}
	every value in ["1", [], {}] {
		codes(json.patch(question, [{"op": "replace", "path": sprintf("/limits/%s", [name]), "value": value}])) == {"limit_invalid"}
	}
}

below_nothing[name] := {"limit_invalid"} if {
	some name, _ in data.limits
	name != "disk_bytes"
}

below_nothing["disk_bytes"] := {"limit_invalid", "files_exceed_disk"}

below_floor[name] := bounds.floor - 1 if {
	some name, bounds in data.limits
	bounds.floor > 1
}

above_model_ceiling[name] := bounds.ceiling if {
	some name, bounds in data.limits
	bounds.model_ceiling < bounds.ceiling
}

test_limits_below_their_floors_do_not[name] if {
	some name, value in below_floor
	codes(json.patch(good, [
		{"op": "replace", "path": "/files", "value": []},
		{"op": "replace", "path": sprintf("/limits/%s", [name]), "value": value},
	])) == {"limit_below_floor"}
}

test_a_sliver_of_a_processor_does_not if codes(replaced("/limits/cpu_cores", 0.01)) == {"limit_below_floor"}

test_models_have_lower_ceilings[name] if {
	some name, ceiling in above_model_ceiling
	question := as_model([{"op": "replace", "path": sprintf("/limits/%s", [name]), "value": ceiling}])
	codes(question) == {"limit_above_ceiling"}
}

test_reasons_name_the_thing_and_the_way_out if {
	answer(replaced("/packages/0/name", "leftpad")).reasons == [{
		"code": "package_not_allowed",
		"message": "packages: leftpad is not on the allowlist of project \"fraud\"",
		"remedy": "Use a package that is on the list (packages.json of the policy), or ask a policy admin for an exception.",
	}]
	answer(replaced("/packages/1/name", "requests")).reasons == [{
		"code": "package_not_allowed",
		"message": "packages: \"requests\", which another package needs, is denied: it speaks to the network, which a sandbox does not have",
		"remedy": "Do without \"requests\": read the data through a connector, or upload it as a file.",
	}]
	answer(replaced("/packages/0/version", "9")).reasons == [{
		"code": "package_version_not_allowed",
		"message": "packages: \"python-slugify\" is allowed from 8.0.1 to below 9; version 9 is not",
		"remedy": "Ask for a version of \"python-slugify\" from 8.0.1 to below 9, or for an exception.",
	}]
	answer(replaced("/limits/memory_bytes", 8589934592)).reasons == [{
		"code": "limit_above_ceiling",
		"message": "limits.memory_bytes: 8589934592 is above the ceiling of 4294967296",
		"remedy": "Ask for 4294967296 or less, or for an exception.",
	}]
}

test_review if {
	allow := {"python-slugify": {"versions": [{"exact": "8.0.4"}], "review": true}, "text-unidecode": {"versions": [{"exact": "1.3"}]}}
	decision := run.decision with input as good with data.packages.allow as allow
	decision.outcome == "review"
	{reason.code | some reason in decision.reasons} == {"package_needs_review"}
	denied := run.decision with input as replaced("/purpose", "") with data.packages.allow as allow
	denied.outcome == "deny"
	{reason.code | some reason in denied.reasons} == {"purpose_missing"}
}

test_data_taken_out_is_a_no if {
	no_limits := run.decision with input as good with data.limits as null
	no_limits.outcome == "deny"
	no_packages := run.decision with input as good with data.packages as {}
	no_packages.outcome == "deny"
	no_versions := run.decision with input as good with data.packages.allow as {"python-slugify": {}, "text-unidecode": {}}
	no_versions.outcome == "deny"
	no_environments := run.decision with input as good with data.environments as {}
	no_environments.outcome == "deny"
	no_roles := run.decision with input as good with data.roles as {}
	no_roles.outcome == "deny"
	{reason.code | some reason in no_roles.reasons} == {"policy_incomplete"}
	no_files := run.decision with input as good with data.files as {}
	no_files.outcome == "deny"
	no_models := run.decision with input as as_model([]) with data.models as {}
	no_models.outcome == "deny"
}

absent := {
	"/project": {"classification_not_allowed", "input_invalid"},
	"/project/id": {"input_invalid"},
	"/project/slug": {"input_invalid"},
	"/project/classification": {"classification_not_allowed", "input_invalid"},
	"/person": {"input_invalid", "role_not_allowed"},
	"/person/pseudonym": {"input_invalid"},
	"/person/roles": {"input_invalid", "role_not_allowed"},
	"/caller": {"caller_unknown", "input_invalid"},
	"/caller/kind": {"caller_unknown", "input_invalid"},
	"/caller/model": {"caller_unknown", "input_invalid"},
	"/purpose": {"input_invalid", "purpose_missing"},
	"/environment": {"environment_not_allowed", "input_invalid", "language_not_allowed"},
	"/environment/name": {"environment_not_allowed", "input_invalid", "language_not_allowed"},
	"/environment/digest": {"input_invalid"},
	"/packages": {"input_invalid", "packages_too_many"},
	"/packages_stage": {"input_invalid", "stage_unknown"},
	"/connectors": {"input_invalid"},
	"/limits": {"files_exceed_disk", "input_invalid", "limit_invalid"},
	"/limits/cpu_cores": {"limit_invalid"},
	"/limits/memory_bytes": {"limit_invalid"},
	"/limits/processes": {"limit_invalid"},
	"/limits/disk_bytes": {"files_exceed_disk", "limit_invalid"},
	"/limits/wall_seconds": {"limit_invalid"},
	"/limits/life_seconds": {"limit_invalid"},
	"/limits/idle_seconds": {"limit_invalid"},
	"/limits/output_bytes": {"limit_invalid"},
	"/limits/output_artifact_bytes": {"limit_invalid"},
	"/limits/artifact_count": {"limit_invalid"},
	"/limits/artifact_bytes": {"limit_invalid"},
	"/limits/open_executions": {"limit_invalid"},
	"/files": {"files_too_many", "input_invalid"},
	"/language": {"input_invalid", "language_not_allowed"},
	"/now": {"input_invalid"},
}

# A null of these says something that is allowed.
nullable := {"/caller/model", "/language"}

test_each_field_removed_is_a_no[path] if {
	some path, want in absent
	question := patched([{"op": "remove", "path": path}])
	answer(question).outcome == "deny"
	codes(question) == want
}

test_each_field_null_is_a_no[path] if {
	some path, want in object.remove(absent, nullable)
	question := replaced(path, null)
	answer(question).outcome == "deny"
	codes(question) == want
}

test_every_field_is_in_the_table if {
	paths := {sprintf("/%s", [concat("/", path)]) |
		walk(good, [path, _])
		count(path) > 0
		every step in path {
			is_string(step)
		}
	}
	paths == object.keys(absent)
}
