package bailiwick.execution_test

import data.bailiwick.execution

# What a model sends: the most that is asked of anybody.
good := {
	"project": {"id": "6d6d", "slug": "fraud", "classification": "internal"},
	"person": {"pseudonym": "ab12", "roles": ["analyst"]},
	"caller": {"kind": "model", "model": "m-1"},
	"run": {"id": "7e7e", "environment": "python", "purpose": "monthly fraud figures"},
	"language": "python",
	"origin": {"kind": "model", "model": "m-1"},
	"code": {
		"bytes": 40,
		"lines": 2,
		"analysis": {
			"parsed": true,
			"imports": ["pandas", "urllib.parse"],
			"subprocess": false,
			"dynamic_code": false,
		},
	},
	"now": "2026-01-01T00:00:00Z",
}

nobody := {"kind": "person", "model": null}

by_person := object.union(good, {"caller": nobody, "origin": nobody})

answer(question) := decision if {
	decision := execution.decision with input as question
}

codes(question) := {reason.code | some reason in answer(question).reasons}

patched(operations) := json.patch(good, operations)

replaced(path, value) := patched([{"op": "replace", "path": path, "value": value}])

persons(path, value) := json.patch(by_person, [{"op": "replace", "path": path, "value": value}])

test_good_is_allowed if {
	answer(good) == {"outcome": "allow", "reasons": [], "obligations": {}}
	answer(by_person) == {"outcome": "allow", "reasons": [], "obligations": {}}
}

test_empty_is_denied if {
	every nothing in [{}, null, [], "text", 1] {
		answer(nothing).outcome == "deny"
	}
}

restricted := {"op": "replace", "path": "/project/classification", "value": "restricted"}

cases := {
	"a role that does not run code": {"with": replaced("/person/roles", ["auditor"]), "want": {"role_not_allowed"}},
	"no role": {"with": persons("/person/roles", []), "want": {"role_not_allowed"}},
	"a person who sends a model's code": {"with": replaced("/caller", nobody), "want": set()},
	"a person who sends a nameless model's code": {
		"with": persons("/origin", {"kind": "model", "model": ""}),
		"want": {"origin_not_allowed"},
	},
	"a model that says a person wrote it": {"with": replaced("/origin", nobody), "want": {"origin_not_allowed"}},
	"a model that says another model wrote it": {
		"with": replaced("/origin/model", "m-2"),
		"want": {"origin_not_allowed"},
	},
	"a person who sends a model's code, restricted": {
		"with": json.patch(replaced("/caller", nobody), [restricted]),
		"want": {"classification_not_allowed"},
	},
	"a person's token with a model's name, restricted": {
		"with": json.patch(persons("/caller/model", "m-1"), [restricted]),
		"want": {"classification_not_allowed", "origin_not_allowed"},
	},
	"a person with a model's name": {"with": persons("/origin/model", "m-1"), "want": {"origin_not_allowed"}},
	"a caller of no meaning": {"with": persons("/caller/kind", "robot"), "want": {"origin_not_allowed"}},
	"a caller of no meaning with a model's code": {
		"with": replaced("/caller", {"kind": "robot", "model": null}),
		"want": {"origin_not_allowed"},
	},
	"a caller of no meaning with a model's name": {"with": replaced("/caller/kind", "robot"), "want": {"origin_not_allowed"}},
	"a person's token with a model's name": {"with": persons("/caller/model", "m-1"), "want": {"origin_not_allowed"}},
	"a person's token with a model's name and code": {
		"with": replaced("/caller/kind", "person"),
		"want": {"origin_not_allowed"},
	},
	"a person's code of an origin of no meaning": {"with": persons("/origin/kind", "robot"), "want": {"origin_not_allowed"}},
	"a name at an origin of no meaning, from a person": {
		"with": persons("/origin", {"kind": "robot", "model": "m-1"}),
		"want": {"origin_not_allowed"},
	},
	"a name at an origin of no meaning, from a model": {"with": replaced("/origin/kind", "robot"), "want": {"origin_not_allowed"}},
	"a model without a name and its code": {
		"with": patched([
			{"op": "replace", "path": "/caller/model", "value": ""},
			{"op": "replace", "path": "/origin/model", "value": ""},
		]),
		"want": {"origin_not_allowed"},
	},
	"a person, restricted": {"with": persons("/project/classification", "restricted"), "want": set()},
	"a model, restricted": {
		"with": replaced("/project/classification", "restricted"),
		"want": {"classification_not_allowed"},
	},
	"a classification of no meaning": {
		"with": persons("/project/classification", "secret"),
		"want": {"classification_not_allowed"},
	},
	"a person's bash": {
		"with": json.patch(by_person, [
			{"op": "replace", "path": "/language", "value": "bash"},
			{"op": "replace", "path": "/code/analysis", "value": {"parsed": false, "imports": [], "subprocess": true, "dynamic_code": true}},
		]),
		"want": set(),
	},
	"a model's bash": {
		"with": patched([
			{"op": "replace", "path": "/language", "value": "bash"},
			{"op": "replace", "path": "/code/analysis", "value": {"parsed": false, "imports": [], "subprocess": true, "dynamic_code": true}},
		]),
		"want": {"language_not_allowed", "code_not_parsed", "subprocess_not_allowed", "dynamic_code_not_allowed"},
	},
	"a model's sql": {
		"with": patched([
			{"op": "replace", "path": "/language", "value": "sql"},
			{"op": "replace", "path": "/code/analysis/parsed", "value": false},
		]),
		"want": set(),
	},
	"another language": {
		"with": persons("/language", "cobol"),
		"want": {"language_not_allowed"},
	},
	"another environment": {
		"with": persons("/run/environment", "fortran"),
		"want": {"language_not_allowed"},
	},
	"no code": {
		"with": replaced("/code/bytes", 0),
		"want": {"code_too_large"},
	},
	"the most code": {"with": persons("/code/bytes", 1048576), "want": set()},
	"a byte more": {"with": persons("/code/bytes", 1048577), "want": {"code_too_large"}},
	"the most lines": {"with": persons("/code/lines", 20000), "want": set()},
	"a line more": {"with": persons("/code/lines", 20001), "want": {"code_too_large"}},
	"no lines": {"with": persons("/code/lines", 0), "want": {"code_too_large"}},
	"a person's slip of the pen": {"with": persons("/code/analysis/parsed", false), "want": set()},
	"a model's slip of the pen": {"with": replaced("/code/analysis/parsed", false), "want": {"code_not_parsed"}},
	"a person starts programs": {"with": persons("/code/analysis/subprocess", true), "want": set()},
	"a model starts programs": {"with": replaced("/code/analysis/subprocess", true), "want": {"subprocess_not_allowed"}},
	"a person runs text": {"with": persons("/code/analysis/dynamic_code", true), "want": set()},
	"a model runs text": {"with": replaced("/code/analysis/dynamic_code", true), "want": {"dynamic_code_not_allowed"}},
	"a person imports ctypes": {"with": persons("/code/analysis/imports", ["ctypes"]), "want": set()},
	"a model imports ctypes": {"with": replaced("/code/analysis/imports", ["pandas", "ctypes"]), "want": {"import_not_allowed"}},
	"a model imports from ctypes": {"with": replaced("/code/analysis/imports", ["ctypes.util"]), "want": {"import_not_allowed"}},
	"a model imports what begins alike": {"with": replaced("/code/analysis/imports", ["ctypeslib", "codecs", "urllib"]), "want": set()},
	"a model imports two of them": {"with": replaced("/code/analysis/imports", ["socket", "subprocess"]), "want": {"import_not_allowed"}},
	"a model imports nothing": {"with": replaced("/code/analysis/imports", []), "want": set()},
	"a model imports what is no text": {"with": replaced("/code/analysis/imports", [null]), "want": {"import_not_allowed"}},
}

test_codes[name] if {
	some name, case in cases
	codes(case["with"]) == case.want
}

test_only_a_persons_token_works_as_a_person_whatever_is_known_of_the_author if {
	question := json.patch(persons("/caller/kind", "robot"), [restricted])
	decision := execution.decision with input as question with data.bailiwick.execution.known_author as true
	{reason.code | some reason in decision.reasons} == {"classification_not_allowed"}
}

# What the second net does not hold by itself is the shape of the question.
refused[name] := case if {
	some name, case in cases
	count(case.want - {"input_invalid"}) > 0
}

test_the_second_net_holds_without_a_single_denial[name] if {
	some name, case in refused
	decision := execution.decision with input as case["with"] with data.bailiwick.execution.deny as set()
	{reason.code | some reason in decision.reasons} == {"policy_incomplete"}
}

test_reasons_name_the_thing_and_the_way_out if {
	answer(replaced("/code/analysis/imports", ["urllib.request.urlopen"])).reasons == [{
		"code": "import_not_allowed",
		"message": "code: a model's code may not import urllib.request.urlopen: it speaks to the network, which a sandbox does not have",
		"remedy": "Do without that module, or let a person write and send this code.",
	}]
	answer(replaced("/language", "bash")).reasons[_] == {
		"code": "language_not_allowed",
		"message": "language: bash is not one for a model's code in environment \"python\"",
		"remedy": "Use one of: python, sql.",
	}
}

test_the_first_denied_module_is_named if {
	reason := answer(replaced("/code/analysis/imports", ["asyncio.subprocess"])).reasons[0]
	reason.code == "import_not_allowed"
}

test_data_taken_out_is_a_no if {
	no_code := execution.decision with input as good with data.code as {}
	no_code.outcome == "deny"
	no_environments := execution.decision with input as good with data.environments as {}
	no_environments.outcome == "deny"
	no_roles := execution.decision with input as good with data.roles as {}
	{reason.code | some reason in no_roles.reasons} == {"policy_incomplete"}
	no_models := execution.decision with input as good with data.models as {}
	no_models.outcome == "deny"
	no_imports := execution.decision with input as good with data.models.imports as null
	{reason.code | some reason in no_imports.reasons} == {"policy_incomplete"}
}

absent := {
	"/project": {"classification_not_allowed", "input_invalid"},
	"/project/id": {"input_invalid"},
	"/project/slug": {"input_invalid"},
	"/project/classification": {"classification_not_allowed", "input_invalid"},
	"/person": {"input_invalid", "role_not_allowed"},
	"/person/pseudonym": {"input_invalid"},
	"/person/roles": {"input_invalid", "role_not_allowed"},
	"/caller": {"input_invalid", "origin_not_allowed"},
	"/caller/kind": {"input_invalid", "origin_not_allowed"},
	"/caller/model": {"input_invalid", "origin_not_allowed"},
	"/run": {"input_invalid", "language_not_allowed"},
	"/run/id": {"input_invalid"},
	"/run/environment": {"input_invalid", "language_not_allowed"},
	"/run/purpose": {"input_invalid"},
	"/language": {"input_invalid", "language_not_allowed"},
	"/origin": {"input_invalid", "origin_not_allowed"},
	"/origin/kind": {"input_invalid", "origin_not_allowed"},
	"/origin/model": {"input_invalid", "origin_not_allowed"},
	"/code": {"code_not_parsed", "code_too_large", "dynamic_code_not_allowed", "input_invalid", "subprocess_not_allowed"},
	"/code/bytes": {"code_too_large", "input_invalid"},
	"/code/lines": {"code_too_large", "input_invalid"},
	"/code/analysis": {"code_not_parsed", "dynamic_code_not_allowed", "input_invalid", "subprocess_not_allowed"},
	"/code/analysis/parsed": {"code_not_parsed", "input_invalid"},
	"/code/analysis/imports": {"input_invalid"},
	"/code/analysis/subprocess": {"input_invalid", "subprocess_not_allowed"},
	"/code/analysis/dynamic_code": {"dynamic_code_not_allowed", "input_invalid"},
	"/now": {"input_invalid"},
}

# A null of these says something that is allowed.
nullable := set()

# A null of these is well-formed, and refused for what it says.
refused_nulls := {"/caller/model", "/origin/model"}

null_codes(path, want) := want - {"input_invalid"} if {
	path in refused_nulls
} else := want

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
	codes(question) == null_codes(path, want)
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
