package bailiwick.release_test

import data.bailiwick.release

# What a model asks for: the most that is asked of anybody.
good := {
	"project": {"id": "6d6d", "slug": "fraud", "classification": "internal"},
	"person": {"pseudonym": "ab12", "roles": ["analyst"]},
	"caller": {"kind": "model", "model": "m-1"},
	"audience": "model",
	"what": "outputs",
	"media_types": ["image/png", "text/plain"],
	"bytes": 2000,
	"run": {"id": "7e7e"},
	"now": "2026-01-01T00:00:00Z",
}

by_person := object.union(good, {"caller": {"kind": "person", "model": null}, "audience": "console"})

answer(question) := decision if {
	decision := release.decision with input as question
}

codes(question) := {reason.code | some reason in answer(question).reasons}

patched(operations) := json.patch(good, operations)

replaced(path, value) := patched([{"op": "replace", "path": path, "value": value}])

persons(path, value) := json.patch(by_person, [{"op": "replace", "path": path, "value": value}])

test_good_is_allowed if {
	every question in [good, by_person, persons("/audience", "download")] {
		answer(question) == {"outcome": "allow", "reasons": [], "obligations": {}}
	}
}

test_empty_is_denied if {
	every nothing in [{}, null, [], "text", 1] {
		answer(nothing).outcome == "deny"
	}
}

model_gets(what, media_types) := patched([
	{"op": "replace", "path": "/what", "value": what},
	{"op": "replace", "path": "/media_types", "value": media_types},
])

takes(what, roles) := json.patch(by_person, [
	{"op": "replace", "path": "/audience", "value": "download"},
	{"op": "replace", "path": "/what", "value": what},
	{"op": "replace", "path": "/person/roles", "value": roles},
])

obligations := {
	"what a model gets": [good, {}],
	"html beside text": [model_gets("outputs", ["text/plain", "text/html", "application/javascript"]), {"withhold_media_types": ["application/javascript", "text/html"]}],
	"html alone": [model_gets("outputs", ["text/html"]), {"withhold_media_types": ["text/html"]}],
	"html that does not leave": [model_gets("artifact", ["text/html"]), {}],
	"html for a person": [persons("/media_types", ["text/html"]), {}],
}

test_obligations[name] if {
	some name, case in obligations
	answer(case[0]).obligations == case[1]
}

cases := {
	"an audience of no meaning": {
		"with": persons("/audience", "world"),
		"want": {
			"audience_unknown",
			"role_not_allowed",
			"thing_not_allowed",
			"release_too_large",
			"media_type_not_allowed",
		},
	},
	"a model at the console": {"with": replaced("/audience", "console"), "want": {"audience_not_allowed"}},
	"a model at the download": {"with": replaced("/audience", "download"), "want": {"audience_not_allowed"}},
	"a model without a name": {"with": replaced("/caller/model", ""), "want": {"audience_not_allowed"}},
	"a person with a model's name": {"with": persons("/caller/model", "m-1"), "want": {"audience_not_allowed"}},
	"a caller of no meaning": {"with": persons("/caller/kind", "robot"), "want": {"audience_not_allowed"}},
	"a person gives it to a model": {"with": persons("/audience", "model"), "want": set()},
	"a reviewer reads": {"with": persons("/person/roles", ["reviewer"]), "want": set()},
	"a policy admin reads": {"with": persons("/person/roles", ["policy_admin"]), "want": {"role_not_allowed"}},
	"nobody reads": {"with": persons("/person/roles", []), "want": {"role_not_allowed"}},
	"a reviewer downloads": {
		"with": json.patch(by_person, [
			{"op": "replace", "path": "/person/roles", "value": ["reviewer", "auditor"]},
			{"op": "replace", "path": "/audience", "value": "download"},
		]),
		"want": {"role_not_allowed"},
	},
	"a reviewer's model": {"with": replaced("/person/roles", ["reviewer"]), "want": {"role_not_allowed"}},
	"restricted, for a model": {
		"with": replaced("/project/classification", "restricted"),
		"want": {"classification_not_allowed"},
	},
	"restricted, for the console": {"with": persons("/project/classification", "restricted"), "want": set()},
	"restricted, through a person to a model": {
		"with": json.patch(by_person, [
			{"op": "replace", "path": "/project/classification", "value": "restricted"},
			{"op": "replace", "path": "/audience", "value": "model"},
		]),
		"want": {"classification_not_allowed"},
	},
	"a classification of no meaning": {
		"with": persons("/project/classification", "secret"),
		"want": {"classification_not_allowed"},
	},
	"a notebook, for a model": {"with": replaced("/what", "notebook"), "want": {"thing_not_allowed"}},
	"a file, for a model": {"with": replaced("/what", "file"), "want": {"thing_not_allowed"}},
	"a notebook, for a person": {"with": persons("/what", "notebook"), "want": set()},
	"a thing of no meaning": {"with": persons("/what", "soul"), "want": {"thing_not_allowed"}},
	"sealed fields, for an analyst": {
		"with": takes("audit_payload", ["analyst", "reviewer"]),
		"want": {"role_not_allowed"},
	},
	"sealed fields, for an auditor": {"with": takes("audit_payload", ["auditor"]), "want": set()},
	"sealed fields, on the screen": {
		"with": json.patch(by_person, [
			{"op": "replace", "path": "/what", "value": "audit_payload"},
			{"op": "replace", "path": "/person/roles", "value": ["auditor"]},
		]),
		"want": {"thing_not_allowed"},
	},
	"sealed fields, for a model": {"with": replaced("/what", "audit_payload"), "want": {"thing_not_allowed"}},
	"code, for an auditor": {"with": takes("code", ["auditor"]), "want": set()},
	"prompts, for an auditor": {"with": takes("prompt", ["auditor"]), "want": set()},
	"code, for a reviewer": {"with": takes("code", ["reviewer"]), "want": {"role_not_allowed"}},
	"artifacts, for an auditor": {"with": takes("artifact", ["auditor"]), "want": {"role_not_allowed"}},
	"nothing at all": {"with": replaced("/media_types", []), "want": set()},
	"an html artifact, for a model": {"with": model_gets("artifact", ["text/html"]), "want": {"media_type_not_allowed"}},
	"live events, for a model": {"with": model_gets("events", []), "want": set()},
	"html in the events, for a model": {
		"with": model_gets("events", ["text/html"]),
		"want": {"media_type_not_allowed"},
	},
	"live events, for a person": {"with": persons("/what", "events"), "want": set()},
	"html that is spelt otherwise": {
		"with": model_gets("artifact", ["TEXT/HTML; charset=utf-8"]),
		"want": {"media_type_not_allowed"},
	},
	"svg, for a model": {"with": model_gets("artifact", ["image/svg+xml"]), "want": {"media_type_not_allowed"}},
	"javascript, for a model": {
		"with": model_gets("artifact", ["text/csv", "application/javascript"]),
		"want": {"media_type_not_allowed"},
	},
	"html outputs, for a model": {"with": model_gets("outputs", ["text/html"]), "want": set()},
	"outputs of a type that is no text, for a model": {
		"with": model_gets("outputs", [null]),
		"want": {"media_type_not_allowed"},
	},
	"html, for a person": {"with": persons("/media_types", ["text/html"]), "want": set()},
	"a type that is no text, for a person": {"with": persons("/media_types", [null]), "want": {"media_type_not_allowed"}},
	"the most, for a model": {"with": replaced("/bytes", 1048576), "want": set()},
	"a byte more": {"with": replaced("/bytes", 1048577), "want": {"release_too_large"}},
	"as much, for a person": {"with": persons("/bytes", 1048577), "want": set()},
	"less than nothing": {"with": persons("/bytes", -1), "want": {"release_too_large"}},
}

test_codes[name] if {
	some name, case in cases
	codes(case["with"]) == case.want
}

test_nothing_leaves_for_an_audience_that_there_is_not_whatever_its_terms if {
	terms := data.release.audiences.console
	decision := release.decision with input as persons("/audience", "world") with data.bailiwick.release.terms as terms
		with data.bailiwick.release.deny as set()
	{reason.code | some reason in decision.reasons} == {"policy_incomplete"}
}

# What the second net does not hold by itself is the shape of the question.
refused[name] := case if {
	some name, case in cases
	count(case.want - {"input_invalid"}) > 0
}

test_the_second_net_holds_without_a_single_denial[name] if {
	some name, case in refused
	decision := release.decision with input as case["with"] with data.bailiwick.release.deny as set()
	{reason.code | some reason in decision.reasons} == {"policy_incomplete"}
}

test_what_is_restricted_is_looked_at_before_it_is_downloaded if {
	question := json.patch(by_person, [
		{"op": "replace", "path": "/project/classification", "value": "restricted"},
		{"op": "replace", "path": "/audience", "value": "download"},
	])
	answer(question).outcome == "review"
	codes(question) == {"release_needs_review"}
	no_role := json.patch(question, [{"op": "replace", "path": "/person/roles", "value": ["reviewer"]}])
	answer(no_role).outcome == "deny"
}

test_reasons_name_the_thing_and_the_way_out if {
	answer(model_gets("artifact", ["text/html"])).reasons == [{
		"code": "media_type_not_allowed",
		"message": "media_types: text/html does not leave for the audience model",
		"remedy": concat("", [
			"Give the result as one of: application/json, image/jpeg, image/png, text/csv, text/latex, ",
			"text/markdown, text/plain.",
		]),
	}]
}

test_data_taken_out_is_a_no if {
	no_release := release.decision with input as good with data.release as {}
	no_release.outcome == "deny"
	no_types := release.decision with input as good with data.release.audiences.model.media_types as null
	no_types.obligations == {"withhold_media_types": good.media_types}
	no_models := release.decision with input as good with data.models as {}
	no_models.outcome == "deny"
	no_reviewed := release.decision with input as good with data.release.reviewed as null
	{reason.code | some reason in no_reviewed.reasons} == {"policy_incomplete"}
	no_roles := release.decision with input as good with data.release.audiences.model.roles as []
	{reason.code | some reason in no_roles.reasons} == {"role_not_allowed"}
}

absent := {
	"/project": {"classification_not_allowed", "input_invalid"},
	"/project/id": {"input_invalid"},
	"/project/slug": {"input_invalid"},
	"/project/classification": {"classification_not_allowed", "input_invalid"},
	"/person": {"input_invalid", "role_not_allowed"},
	"/person/pseudonym": {"input_invalid"},
	"/person/roles": {"input_invalid", "role_not_allowed"},
	"/caller": {"audience_not_allowed", "input_invalid"},
	"/caller/kind": {"audience_not_allowed", "input_invalid"},
	"/caller/model": {"audience_not_allowed", "input_invalid"},
	"/audience": {"audience_not_allowed", "audience_unknown", "input_invalid", "media_type_not_allowed", "thing_not_allowed", "release_too_large", "role_not_allowed"},
	"/what": {"input_invalid", "thing_not_allowed"},
	"/media_types": {"input_invalid"},
	"/bytes": {"input_invalid", "release_too_large"},
	"/run": {"input_invalid"},
	"/run/id": {"input_invalid"},
	"/now": {"input_invalid"},
}

# A null of these says something that is allowed.
nullable := {"/run/id"}

# A null of these is well-formed, and refused for what it says.
refused_nulls := {"/caller/model"}

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
