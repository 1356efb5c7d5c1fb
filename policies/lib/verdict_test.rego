package bailiwick.lib.verdict_test

import data.bailiwick.lib.verdict

no := {"code": "no", "message": "m", "remedy": "r"}

look := {"code": "look", "message": "m", "remedy": "r"}

cases := {
	"nothing against it": [set(), set(), true, "allow", []],
	"a denial": [{no}, set(), false, "deny", [no]],
	"a denial beats a wish for review": [{no}, {look}, false, "deny", [no]],
	"a denial beats soundness": [{no}, set(), true, "deny", [no]],
	"a wish for review": [set(), {look}, true, "review", [look]],
	"unsound without a denial": [set(), set(), false, "deny", [verdict.incomplete]],
	"unsound with a wish for review": [set(), {look}, false, "deny", [verdict.incomplete]],
	"soundness that is no truth value": [set(), set(), "true", "deny", [verdict.incomplete]],
}

test_of[name] if {
	some name, case in cases
	verdict.of(case[0], case[1], case[2]) == {"outcome": case[3], "reasons": case[4], "obligations": {}}
}

test_only_an_allow_obliges if {
	obligations := {"withhold_media_types": ["text/html"]}
	allowed := verdict.obliging(verdict.of(set(), set(), true), obligations)
	allowed == {"outcome": "allow", "reasons": [], "obligations": obligations}
	denied := verdict.obliging(verdict.of({no}, set(), true), obligations)
	denied == {"outcome": "deny", "reasons": [no], "obligations": {}}
}

test_listed if {
	verdict.listed({"b", "a"}) == "a, b"
	verdict.listed(["b", "a"]) == "a, b"
	verdict.listed(set()) == "none"
	verdict.listed("any") == "any"
}
