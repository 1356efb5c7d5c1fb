package bailiwick.lib.shape_test

import data.bailiwick.lib.shape

fields := {"a": {"string"}, "b.c": {"number", "null"}}

cases := {
	"as it should be": {"given": {"a": "x", "b": {"c": 1}}, "want": set()},
	"null where null may be": {"given": {"a": "x", "b": {"c": null}}, "want": set()},
	"null where it may not": {"given": {"a": null, "b": {"c": 1}}, "want": {"a"}},
	"absent": {"given": {"b": {"c": 1}}, "want": {"a"}},
	"absent below": {"given": {"a": "x", "b": {}}, "want": {"b.c"}},
	"nothing to be below of": {"given": {"a": "x", "b": "text"}, "want": {"b.c"}},
	"another type": {"given": {"a": ["x"], "b": {"c": "1"}}, "want": {"a", "b.c"}},
	"no object": {"given": "text", "want": {"a", "b.c"}},
	"null": {"given": null, "want": {"a", "b.c"}},
	"an array": {"given": [], "want": {"a", "b.c"}},
}

test_misshapen[name] if {
	some name, case in cases
	shape.misshapen(case.given, fields) == case.want
}

test_reasons_name_the_field if {
	shape.reasons({"a": "x", "b": {}}, fields) == {{
		"code": "input_invalid",
		"message": "b.c: missing, or not null or number",
		"remedy": "This is a fault of the platform, not of the request: ask a platform admin to report it.",
	}}
}

item_cases := {
	"none": {"given": [], "want": set()},
	"good": {"given": [{"a": "x", "b": {"c": 1}}], "want": set()},
	"one bad": {"given": [{"a": "x", "b": {"c": 1}}, {"a": "x"}, "text"], "want": {1, 2}},
	"no array": {"given": {"a": "x"}, "want": {0}},
	"null": {"given": null, "want": {0}},
}

test_misshapen_items[name] if {
	some name, case in item_cases
	shape.misshapen_items(case.given, fields) == case.want
}
